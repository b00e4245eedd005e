import SignetJOSE
import SignetSystem
import Testing

/// RFC 7515, appendix A: the HS256 example (A.1) and the ES256 example (A.3).
@Suite struct RFC7515Tests {
    struct Example: Decodable {
        let key: [String: String]
        let header: String
        let payload: String
        let token: String

        /// The key's members as a JWK, without the private ones unless they are asked for.
        func jwk(isPrivate: Bool) -> [UInt8] {
            let members = key.sorted { $0.key < $1.key }.filter { isPrivate || $0.key != "d" }
            return JSONWriter.bytes(of: .object(members.map { JSONMember($0.key, .string($0.value)) }))
        }
    }

    @Test func hs256ExampleVerifiesWithItsOctetKey() throws {
        let example: Example = try Fixtures.decode("vectors/rfc7515-a1.json")
        let key = try VerificationKey(contents: SecretBytes(copying: example.jwk(isPrivate: true)))
        guard case .hs256(let secret) = key else { throw JWSError.algorithmMismatch(expected: .hs256) }
        #expect(secret.secret.count == 64)
        try verify(example.token, with: key)
    }

    @Test func hs256ExampleIsSignedToTheByte() throws {
        let example: Example = try Fixtures.decode("vectors/rfc7515-a1.json")
        let key = try VerificationKey(contents: SecretBytes(copying: example.jwk(isPrivate: true)))
        guard case .hs256(let secret) = key else { throw JWSError.algorithmMismatch(expected: .hs256) }
        let token = try Forge.token(header: example.header, payload: example.payload, key: .hs256(secret))
        #expect(token == example.token)
    }

    @Test func es256ExampleVerifiesWithItsPublicKey() throws {
        let example: Example = try Fixtures.decode("vectors/rfc7515-a3.json")
        try verify(example.token, with: .es256(try ES256PublicKey(contents: example.jwk(isPrivate: false))))
    }

    @Test func es256ExampleVerifiesWithThePublicHalfOfItsPrivateKey() throws {
        let example: Example = try Fixtures.decode("vectors/rfc7515-a3.json")
        let key = try ES256PrivateKey(contents: SecretBytes(copying: example.jwk(isPrivate: true)))
        try verify(example.token, with: .es256(key.publicKey))
    }

    @Test(arguments: ["vectors/rfc7515-a1.json", "vectors/rfc7515-a3.json"])
    func segmentsEqualThoseOfTheRFC(name: String) throws {
        let example: Example = try Fixtures.decode(name)
        let token = try CompactJWS(parsing: example.token)
        #expect(String(decoding: token.payload, as: UTF8.self) == example.payload)
        #expect(token.header == (try JSONReader.value(Array(example.header.utf8))))
        #expect(try token.jsonPayload()["exp"]?.integer == 1_300_819_380)
    }
}
