import SignetJOSE
import SignetSystem
import Testing

/// RFC 4231 §4: the test cases of HMAC-SHA-256.
@Suite struct RFC4231Tests {
    struct Case: Decodable {
        let key: String
        let data: String
        let mac: String
    }

    /// The RFC truncates case 5 to 128 bits.
    @Test(arguments: 1...7)
    func codeEqualsThatOfTheRFC(number: Int) throws {
        let example = try Fixtures.decode("vectors/rfc4231.json", as: [Case].self)[number - 1]
        let secret = SecretBytes(copying: bytes(hexadecimal: example.key))
        let key = try HS256Key(secret: secret, allowShortSecret: true)
        var code = [UInt8](repeating: 0, count: HS256Key.macLength)
        #expect(bytes(hexadecimal: example.data).withUnsafeBytes { key.authenticate($0, into: &code) })
        #expect(Array(code.prefix(example.mac.count / 2)) == bytes(hexadecimal: example.mac))
    }

    @Test func onlyTheFifthCaseIsTruncated() throws {
        let cases: [Case] = try Fixtures.decode("vectors/rfc4231.json")
        #expect(cases.map { $0.mac.count * 4 } == [256, 256, 256, 256, 128, 256, 256])
    }
}
