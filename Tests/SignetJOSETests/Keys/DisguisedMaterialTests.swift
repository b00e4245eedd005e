import SignetJOSE
import Testing

/// Keys that are no HMAC secrets are found behind white space, in other encodings and inside other JSON.
@Suite struct DisguisedMaterialTests {
    private func kind(_ bytes: [UInt8]) -> KeyError.Kind? {
        refusedKind { () throws(KeyError) in try HS256Key(secret: SecretBytes(copying: bytes)) }
    }

    private func der() throws -> [UInt8] {
        try Fixtures.secret("not-secrets/p256.pkcs8.der").withUnsafeBytes { Array($0) }
    }

    @Test(arguments: [([0x0A], []), ([], [0x20]), ([], [0]), ([0x0A, 0x0A], [0x0D, 0x0A])])
    func spaceAroundDERIsNoDisguise(before: [UInt8], after: [UInt8]) throws {
        #expect(try kind(before + der() + after) == .asymmetricAsSecret)
    }

    @Test(arguments: ["", "\n", " ", "\t"])
    func spaceAroundItsBase64IsNoDisguise(space: String) throws {
        let text = Base64URL.encode(try der())
        #expect(kind(Array((space + text + space).utf8)) == .asymmetricAsSecret)
        let lines = text.map { "\($0)\(space)" }.joined()
        #expect(kind(Array(lines.utf8)) == .asymmetricAsSecret)
    }

    @Test(arguments: ["", ":", " "])
    func itsHexadecimalIsFound(separator: String) throws {
        let text = try der().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: separator)
        #expect(kind(Array(text.utf8)) == .asymmetricAsSecret)
        #expect(kind(Array(text.uppercased().utf8)) == .asymmetricAsSecret)
    }

    @Test func aJWKInAListInAStringOrInBase64IsFound() throws {
        let jwk = try Fixtures.text("keys/p256.public.jwk")
        let string = JSONWriter.text(of: .string(jwk))
        for text in ["[\(jwk)]", " \(jwk)", string, Base64URL.encode(Array(jwk.utf8))] {
            #expect(kind(Array(text.utf8)) == .asymmetricAsSecret)
        }
    }

    @Test func ordinarySecretsOfTheSameBeginningsAreTaken() {
        for text in ["30", "M", "e", "L", "[", "{", "\""].map({ $0 + String(repeating: "x1-", count: 30) }) {
            #expect(kind(Array(text.utf8)) == nil, "\(text.prefix(4))")
        }
        #expect(kind(Array(String(repeating: "30", count: 60).utf8)) == nil)
    }
}
