import SignetJOSE
import Testing

/// RFC 7638. Its example is an RSA key, so the values here come from two other programs,
/// which both give the RFC's value for the RFC's key (Fixtures/README.md).
@Suite struct ThumbprintTests {
    struct Example: Decodable {
        let jwk: [String: String]
        let thumbprint: String
    }

    @Test(arguments: 0...3)
    func thumbprintsMatchOtherPrograms(number: Int) throws {
        let example = try Fixtures.decode("vectors/thumbprints.json", as: [Example].self)[number]
        let members = example.jwk.sorted { $0.key > $1.key }.map { JSONMember($0.key, .string($0.value)) }
        let key = try ES256PublicKey(contents: JSONWriter.bytes(of: .object(members)), keyID: "no part of it")
        #expect(key.thumbprint == example.thumbprint)
    }

    @Test func everyRecordedKeyIsTested() throws {
        #expect(try Fixtures.decode("vectors/thumbprints.json", as: [Example].self).count == 4)
    }
}
