import Foundation
import SignetJOSE
import SignetSystem
import Testing

/// Printing a key never shows its secret.
@Suite struct DescriptionTests {
    static let secret = Array("hunter2hunter2hunter2hunter2hunt".utf8)

    /// The printed forms of 32 bytes.
    static func forms(of bytes: [UInt8]) -> [String] {
        let data = Data(bytes)
        let hexadecimal = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return [
            String(decoding: bytes, as: UTF8.self), hexadecimal, hexadecimal.uppercased(), data.base64EncodedString(),
            Base64URL.encode(bytes), bytes.map(String.init).joined(separator: ", "),
        ].flatMap { [$0, String($0.prefix(16))] }
    }

    static func renderings(of value: some Any) -> String {
        var dumped = ""
        dump(value, to: &dumped, maxDepth: 20)
        return [
            "\(value)", String(describing: value), String(reflecting: value), dumped, children(of: value, depth: 0),
        ]
        .joined(separator: "\n")
    }

    /// Everything that reflection reaches.
    static func children(of value: Any, depth: Int) -> String {
        guard depth < 12 else { return "" }
        return Mirror(reflecting: value).children.map { child in
            "\(child.label ?? ""): \(child.value) \(String(reflecting: child.value))\n"
                + children(of: child.value, depth: depth + 1)
        }.joined()
    }

    private func expectNothing(of secret: [UInt8], in value: some Any) {
        let text = Self.renderings(of: value)
        #expect(!text.isEmpty)
        for form in Self.forms(of: secret) { #expect(!text.contains(form)) }
    }

    @Test func checkFindsAPrintedSecret() {
        let text = Self.renderings(of: ["key": Self.secret])
        #expect(Self.forms(of: Self.secret).contains { text.contains($0) })
    }

    @Test func secretBytesShowOnlyTheirLength() {
        let secret = SecretBytes(copying: Self.secret)
        #expect(secret.description == "32 secret bytes")
        #expect(secret.debugDescription == "32 secret bytes")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        expectNothing(of: Self.secret, in: secret)
        expectNothing(of: Self.secret, in: [Optional(secret)])
    }

    @Test func hmacKeysShowNoSecret() throws {
        let key = try HS256Key(secret: SecretBytes(copying: Self.secret), keyID: "live-1")
        expectNothing(of: Self.secret, in: key)
        expectNothing(of: Self.secret, in: SigningKey.hs256(key))
        expectNothing(of: Self.secret, in: VerificationKey.hs256(key))
        expectNothing(of: Self.secret, in: CompactJWSSigner(key: .hs256(key)))
        // After use, the pool holds a context.
        _ = try CompactJWSSigner(key: .hs256(key)).sign([])
        expectNothing(of: Self.secret, in: key)
    }

    @Test func privateKeysShowNoNumber() throws {
        let key = try ES256PrivateKey(contents: SecretBytes(copying: JWKTests.ec(d: JWKTests.d).utf8), keyID: "live-1")
        let number = try Base64URL.decode(JWKTests.d)
        _ = try CompactJWSSigner(key: .es256(key)).sign([])
        expectNothing(of: number, in: key)
        expectNothing(of: number, in: SigningKey.es256(key))
        for written in [try key.jwk(), try key.pem(), try key.pem(.sec1)] {
            expectNothing(of: written.withUnsafeBytes { Array($0) }, in: written)
        }
    }

    @Test func keyErrorsShowNoSecret() {
        let error = #expect(throws: SignetError.self) { try HS256Key(secret: SecretBytes(copying: "hunter2".utf8)) }
        #expect(error?.isFault(KeyFault.shortSecret) == true)
        #expect(error.map { Self.renderings(of: $0).contains("hunter") } == false)
    }
}
