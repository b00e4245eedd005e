import SignetJOSE
import SignetSystem
import Testing

/// RFC 6979 A.2.5: a private number on P-256, its point, and signatures by it.
@Suite struct RFC6979Tests {
    struct Example: Decodable {
        struct Signature: Decodable {
            let message: String
            let r: String
            let s: String
        }

        let x: String
        let Ux: String
        let Uy: String
        let signatures: [Signature]

        func key() throws -> ES256PrivateKey {
            let jwk: JSONValue = [
                "kty": "EC", "crv": "P-256",
                "x": .string(Base64URL.encode(bytes(hexadecimal: Ux))),
                "y": .string(Base64URL.encode(bytes(hexadecimal: Uy))),
                "d": .string(Base64URL.encode(bytes(hexadecimal: x))),
            ]
            return try ES256PrivateKey(contents: SecretBytes(copying: JSONWriter.bytes(of: jwk)))
        }

        /// The SEC1 form without the public point, which OpenSSL then has to compute (RFC 5915 §3).
        func numberAlone() throws -> ES256PrivateKey {
            let curve: [UInt8] = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            let der = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20] + bytes(hexadecimal: x) + curve
            let label = "EC PRIVATE KEY"
            return try ES256PrivateKey(contents: SecretBytes(copying: Array(PEMText.block(label, der).utf8)))
        }
    }

    @Test func privateNumberGivesThePoint() throws {
        let example: Example = try Fixtures.decode("vectors/rfc6979-a25.json")
        let coordinates = try example.numberAlone().publicKey.coordinates
        #expect(coordinates.x == bytes(hexadecimal: example.Ux))
        #expect(coordinates.y == bytes(hexadecimal: example.Uy))
    }

    @Test(arguments: 0...1)
    func signaturesOfTheRFCVerify(number: Int) throws {
        let example: Example = try Fixtures.decode("vectors/rfc6979-a25.json")
        let signed = example.signatures[number]
        let key = try example.key().publicKey
        let signature = bytes(hexadecimal: signed.r + signed.s)
        #expect(Array(signed.message.utf8).withUnsafeBytes { key.verifies(signature, of: $0) })
        #expect(!Array((signed.message + "x").utf8).withUnsafeBytes { key.verifies(signature, of: $0) })
    }
}
