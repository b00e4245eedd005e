import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Asymmetric keys are found behind white space, in other encodings and inside other JSON.
@Suite struct AsymmetricMaterialTests {
    private func kind(_ bytes: [UInt8], isShort: Bool = false) -> KeyFault? {
        refusedKind { () throws(SignetError) in
            try HS256Key(secret: SecretBytes(copying: bytes), allowShortSecret: isShort)
        }
    }

    private func der() throws -> [UInt8] {
        try Fixtures.secret("not-secrets/p256.pkcs8.der").withUnsafeBytes { Array($0) }
    }

    @Test(arguments: [([0x0A], []), ([], [0x20]), ([], [0]), ([0x0A, 0x0A], [0x0D, 0x0A])])
    func derWithSpaceAroundItIsFound(before: [UInt8], after: [UInt8]) throws {
        #expect(try kind(before + der() + after) == .asymmetricAsSecret)
    }

    @Test(arguments: ["", "\n", " ", "\t"])
    func base64WithSpaceAroundItIsFound(space: String) throws {
        let text = Base64URL.encode(try der())
        #expect(kind(Array((space + text + space).utf8)) == .asymmetricAsSecret)
        let lines = text.map { "\($0)\(space)" }.joined()
        #expect(kind(Array(lines.utf8)) == .asymmetricAsSecret)
    }

    @Test(arguments: ["", ":", " "])
    func hexadecimalIsFound(separator: String) throws {
        let text = try der().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: separator)
        #expect(kind(Array(text.utf8)) == .asymmetricAsSecret)
        #expect(kind(Array(text.uppercased().utf8)) == .asymmetricAsSecret)
    }

    @Test func jwkInAListOrStringOrBase64IsFound() throws {
        let jwk = try Fixtures.text("keys/p256.public.jwk")
        let string = JSONWriter.text(of: .string(jwk))
        for text in ["[\(jwk)]", " \(jwk)", string, Base64URL.encode(Array(jwk.utf8))] {
            #expect(kind(Array(text.utf8)) == .asymmetricAsSecret)
        }
    }

    // MARK: Every form in every wrapping

    /// Forms into which people, editors, shells and clouds turn a file.
    static let wrappings: [(name: String, wrap: @Sendable ([UInt8]) -> [UInt8])] = [
        ("as it is", { $0 }),
        ("base64", base64),
        ("base64url", { Array(Base64URL.encode($0).utf8) }),
        ("base64 in lines", { Array(Data($0).base64EncodedData(options: [.lineLength64Characters])) }),
        ("base64 behind white space", { base64(Array("\r\n\t ".utf8) + $0) }),
        (
            "base64 with spare bits",
            { Array(String(decoding: base64($0), as: UTF8.self).replacing("A=", with: "B=").utf8) }
        ),
        ("double base64", { base64(base64($0)) }),
        ("triple base64", { base64(base64(base64($0))) }),
        ("hexadecimal", { Array(Hexadecimal.encode($0).utf8) }),
        ("hexadecimal with 0x", { Array($0.map { "0x" + Hexadecimal.encode([$0]) }.joined(separator: ", ").utf8) }),
        ("hexadecimal in base64", { base64(Array(Hexadecimal.encode($0).utf8)) }),
        ("base64 in hexadecimal", { Array(Hexadecimal.encode(base64($0)).utf8) }),
        ("quotes around base64", { Array("\"".utf8) + base64($0) + Array("\"".utf8) }),
        ("a name before base64", { Array("PUBLIC_KEY=".utf8) + base64($0) }),
        ("a data URL", { Array("data:application/octet-stream;base64,".utf8) + base64($0) }),
        ("a member of JSON", { Array("{\"value\":\"".utf8) + base64($0) + Array("\"}".utf8) }),
        (
            "base64 with line ends written out",
            {
                Array(
                    String(decoding: base64($0), as: UTF8.self).enumerated().map {
                        $0 % 64 == 63 ? "\($1)\\n" : "\($1)"
                    }.joined().utf8)
            }
        ),
        ("base64 in UTF-16", { utf16(base64($0)) }),
    ]

    /// Forms of text only.
    static let textWrappings: [(name: String, wrap: @Sendable (String) -> [UInt8])] = [
        ("UTF-16LE", { utf16(Array($0.utf8)) }),
        ("UTF-16LE with a mark", { [0xFF, 0xFE] + utf16(Array($0.utf8)) }),
        ("UTF-16BE", { Array($0.data(using: .utf16BigEndian) ?? Data()) }),
        ("UTF-16BE with a mark", { [0xFE, 0xFF] + Array($0.data(using: .utf16BigEndian) ?? Data()) }),
        ("UTF-32", { Array($0.data(using: .utf32LittleEndian) ?? Data()) }),
        ("UTF-16 in base64", { base64(utf16(Array($0.utf8))) }),
        ("a byte order mark", { Array("\u{FEFF}\($0)".utf8) }),
        ("quotes", { Array("'\($0)'".utf8) }),
        ("a string of JSON", { JSONWriter.bytes(of: .string($0)) }),
        ("a string of JSON in another", { JSONWriter.bytes(of: .string(JSONWriter.text(of: .string($0)))) }),
        ("CR line ends", { Array($0.replacing("\n", with: "\r").utf8) }),
        ("line ends written out", { Array($0.replacing("\n", with: "\\n").utf8) }),
        ("one line", { Array($0.replacing("\n", with: "").utf8) }),
        ("tabs for spaces", { Array($0.replacing(" ", with: "\t").utf8) }),
        ("no-break spaces", { Array($0.replacing(" ", with: "\u{A0}").utf8) }),
        ("zero-width spaces", { Array($0.replacing("E", with: "E\u{200B}").replacing("k", with: "k\u{200B}").utf8) }),
        ("URL encoding", { Array(($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "").utf8) }),
    ]

    static let forms = [
        "p256.public.pem", "p256.pkcs8.pem", "rsa.public.pem", "certificate.pem", "id_ed25519", "p256.public.jwk",
        "p256.jwks",
        "p256.public.der", "p256.sec1.der", "rsa.public.der", "request.der", "certificate.der", "p256.pkcs12.der",
        "certificate.pkcs7.der", "p256.point.der", "id_ed25519.pub", "id_ecdsa.pub",
    ]

    @Test(arguments: forms, wrappings.indices)
    func encodedKeyIsRefusedAsSecret(form: String, wrapping: Int) throws {
        let (name, wrap) = Self.wrappings[wrapping]
        let wrapped = wrap(try Fixtures.secret("not-secrets/\(form)").withUnsafeBytes { Array($0) })
        #expect(kind(wrapped) == .asymmetricAsSecret, "\(form), \(name)")
        #expect(refusedAsText(wrapped) == .asymmetricAsSecret, "\(form), \(name)")
    }

    @Test(arguments: forms.filter { !$0.hasSuffix(".der") }, textWrappings.indices)
    func encodedKeyTextIsRefusedAsSecret(form: String, wrapping: Int) throws {
        let (name, wrap) = Self.textWrappings[wrapping]
        let wrapped = wrap(try Fixtures.text("not-secrets/\(form)"))
        #expect(kind(wrapped) == .asymmetricAsSecret, "\(form), \(name)")
        #expect(refusedAsText(wrapped) == .asymmetricAsSecret, "\(form), \(name)")
    }

    @Test(arguments: [
        #"{"\u006bty":"EC","crv":"P-256"}"#, #"{"k\u0074\u0079":"RSA","n":"AQAB"}"#,
        #"{"\u006B\u0054y":"OKP","x":"AA"}"#,
        "{'kty': 'EC', 'crv': 'P-256'}", "{kty: \"RSA\", n: \"AQAB\"}", "kty: EC\ncrv: P-256\n",
        "-----BEGINPUBLICKEY-----MFkw", "-----begin public key-----\nMFkw", "-----Begin\u{B}Public Key-----MFkw",
        "\u{2013}\u{2013}BEGIN PUBLIC KEY\u{2013}\u{2013}", "---- BEGIN PGP PUBLIC KEY BLOCK ----",
        "putty-user-key-file-2: ssh-rsa",
    ])
    func keyMarkersAreFoundInEverySpelling(text: String) {
        #expect(kind(Array(text.utf8), isShort: true) == .asymmetricAsSecret)
    }

    @Test(arguments: [[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2], [0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0, 2]])
    func javaKeyStoreIsRefusedAsSecret(start: [UInt8]) {
        #expect(kind(start + [UInt8](repeating: 7, count: 40)) == .asymmetricAsSecret)
    }

    /// In every encoding of secrets.
    @Test func randomSecretsAreAccepted() {
        var generator = SeededGenerator(seed: 23)
        for number in 0..<120 {
            var bytes = generator.bytes([32, 33, 48, 64, 65][number % 5])
            // The first bytes of DER, a point and UTF-16.
            if number.isMultiple(of: 3) { bytes[0] = [0x30, 0x04, 0xFF, 0xFE][number % 4] }
            for (name, wrap) in Self.wrappings where !name.contains("name") {
                #expect(kind(wrap(bytes)) == nil, "\(name) of \(Hexadecimal.encode(bytes))")
            }
        }
    }

    private func refusedAsText(_ bytes: [UInt8]) -> KeyFault? {
        refusedKind { () throws(SignetError) in try SecretEncoding.utf8.decode(SecretBytes(copying: bytes)) }
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] { Array(Data(bytes).base64EncodedData()) }

    private static func utf16(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [$0, 0] } }

    // MARK: Ordinary secrets

    @Test func ordinarySecretsWithSimilarStartsAreAccepted() {
        for text in ["30", "M", "e", "L", "[", "{", "\""].map({ $0 + String(repeating: "x1-", count: 30) }) {
            #expect(kind(Array(text.utf8)) == nil, "\(text.prefix(4))")
        }
        #expect(kind(Array(String(repeating: "30", count: 60).utf8)) == nil)
    }
}
