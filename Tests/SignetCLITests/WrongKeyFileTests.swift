import Foundation
import SignetTestSupport
import Testing

/// Files that hold something else than they are said to, in every command that reads a key.
@Suite struct WrongKeyFileTests {
    /// A file that is not an HMAC secret, and what it is called.
    struct Disguise: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8]?) {
            self.name = name
            self.bytes = bytes ?? []
        }
    }

    private static let pem = (try? Fixtures.text("jose/keys/p256.public.pem")) ?? ""
    private static let jwk = (try? Fixtures.text("jose/keys/p256.public.jwk")) ?? ""

    static let disguises = [
        Disguise("a PEM file", Array(pem.utf8)),
        Disguise("a PEM file", Array(pem.replacing("BEGIN ", with: "BEGIN\t").utf8)),
        Disguise("the base64 of a PEM file", base64("\n \(pem)")),
        Disguise("the base64 of the base64 of a PEM file", base64(String(decoding: base64(pem), as: UTF8.self))),
        Disguise("the base64 of a JWK", base64("\n\t\(jwk)")),
        Disguise("a JWK with escaped characters", Array(jwk.replacing("kty", with: #"\u006bty"#).utf8)),
        Disguise("a PEM file in UTF-16", pem.data(using: .utf16).map(Array.init)),
        Disguise("the hexadecimal of a PEM file", Array(pem.utf8.map { String(format: "%02x", $0) }.joined().utf8)),
        Disguise("the base64 of a PEM file", Array("\"".utf8) + base64(pem) + Array("\"".utf8)),
        Disguise("a PKCS#12 or PKCS#7 file", try? Fixtures.bytes("jose/not-secrets/p256.pkcs12.der")),
        Disguise("a DER-encoded key", try? Fixtures.bytes("jose/not-secrets/p256.public.der")),
        Disguise("an SSH key", try? Fixtures.bytes("jose/not-secrets/id_ed25519.pub")),
        Disguise("a DER-encoded key", Array("public key \(body)".utf8)),
        Disguise("a DER-encoded key", Array("x\(body)".utf8)),
    ]

    /// The base64 of the key, without the lines around it.
    private static let body = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()

    private static func base64(_ text: String) -> [UInt8] { Array(Data(text.utf8).base64EncodedData()) }

    /// As an HMAC secret of any encoding, in `check`, `sign`, `keys inspect` and `verify`.
    @Test(arguments: disguises, ["utf8", "base64", "base64url", "hex"])
    func keyFileInDisguiseIsRefusedAsASecret(disguise: Disguise, encoding: String) throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(
                #""keys/pega.secret", "encoding": "utf8""#, with: #""keys/a", "encoding": "\#(encoding)""#))
        try workplace.directory.write(disguise.bytes, to: "keys/a")
        for arguments in [
            ["check"], ["sign", "pega", "--subject", "1", "--for", "create"],
            ["keys", "inspect", "keys/a", "--encoding", encoding],
            ["verify", "--key", "keys/a", "--encoding", encoding, "a.b.c"],
        ] {
            let outcome = try workplace.signet(arguments)
            #expect(outcome.status == 2, "\(arguments)")
            #expect(outcome.errors.contains("\(disguise.name) is not an HMAC secret"), "\(outcome.errors)")
            #expect(outcome.lines.allSatisfy { !$0.contains("HMAC secret") || $0.hasPrefix("fail  key pega") })
        }
    }

    /// Where nothing is said of an encoding it may be a key that can be read, and never a secret.
    @Test(arguments: disguises)
    func keyFileInDisguiseIsNeverReadAsASecret(disguise: Disguise) throws {
        let workplace = try Workplace()
        try workplace.directory.write(disguise.bytes, to: "a")
        for arguments in [["keys", "inspect", "a"], ["verify", "--key", "a", "eyJhbGciOiJIUzI1NiJ9.e30.AA"]] {
            let outcome = try workplace.signet(arguments)
            #expect(!(outcome.output + outcome.errors).contains("HMAC secret"))
            #expect(!(outcome.output + outcome.errors).isEmpty)
            #expect(
                outcome.status == 2 || outcome.output.contains("public key") || outcome.output.contains("algorithm"))
        }
    }

    /// The same hint wherever a PEM file is wanted, from a file and from the environment.
    @Test(arguments: [
        (
            "lines", "the PEM file's lines are joined or indented",
            #"its line breaks are written out as \n: put real ones in their place"#
        ),
        ("base64", "neither a PEM file nor a JWK", "this is the base64 of a PEM file: decode it first, with base64 -d"),
        (
            "utf16", "neither a PEM file nor a JWK",
            "this is a PEM file in UTF-16: convert it with iconv -f UTF-16 -t UTF-8"
        ),
        (
            "pkcs12", "neither a PEM file nor a JWK",
            "this is a PKCS#12 or PKCS#7 file: openssl pkcs12 -in FILE -nocerts -noenc takes the key out of PKCS#12"
        ),
        (
            "der", "neither a PEM file nor a JWK",
            "a PEM file starts with -----BEGIN; DER is converted by: openssl pkey -inform DER -in FILE"
        ),
    ])
    func privateKeyInAnotherFormHasAHint(form: String, reason: String, hint: String) throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(#""file": "keys/talkative.private.pem""#, with: #""file": "keys/a""#))
        let pem = try Fixtures.text("config/keys/talkative.private.pem")
        let bytes: [UInt8] =
            switch form {
            case "lines": Array(pem.replacing("\n", with: "\\n").utf8)
            case "base64": Self.base64(pem)
            case "utf16": Array(pem.data(using: .utf16) ?? Data())
            case "pkcs12": try Fixtures.bytes("jose/not-secrets/p256.pkcs12.der")
            default: try Fixtures.bytes("config/keys/der.key")
            }
        try workplace.directory.write(bytes, to: "keys/a")
        for arguments in [["check"], ["keys", "inspect", "keys/a"], ["sign", "talkative", "--subject", "1"]] {
            let outcome = try workplace.signet(arguments)
            #expect(outcome.status == 2)
            #expect(outcome.notes.contains { $0.contains("hint: \(hint)") }, "\(outcome.errors)")
            #expect(outcome.errors.contains(reason))
            #expect(!outcome.output.contains("HMAC secret"))
        }
        guard form == "lines" || form == "base64" else { return }
        try workplace.directory.write(
            Workplace.configuration.replacing(#""file": "keys/talkative.private.pem""#, with: #""env": "A_KEY""#),
            to: "signet.json")
        let outcome = try Signet.shell(#"A_KEY=$(cat keys/a) "$SIGNET" check"#, in: workplace.directory)
        #expect(outcome.status == 2)
        #expect(outcome.notes.contains { $0.contains("hint: \(hint)") }, "\(outcome.errors)")
    }

    /// What stands in a secret unseen is named by both, and the secret is not shown.
    @Test(arguments: [
        (
            "MARKER-secret\u{A0}of-at-least-32-characters",
            "the secret contains a no-break space (U+00A0), as character 14"
        ),
        (
            "MARKER-secret\u{200B}of-at-least-32-characters",
            "the secret contains a zero-width space (U+200B), as character 14"
        ),
        ("MARKER-secret\u{0}of-at-least-32-characters", "the secret contains a NUL (U+0000), as character 14"),
        ("MARKER-secret\nof-at-least-32-characters", "the secret contains a line break, as character 14"),
        (
            "\u{A0}MARKER-secret-of-at-least-32-characters",
            "the secret starts or ends with a no-break space (U+00A0)"
        ),
        ("'MARKER-secret-of-at-least-32-characters'", "the secret is in quotes"),
        ("PEGA_SECRET=MARKER-secret-of-at-least-32-characters", "the secret starts with a name and ="),
    ])
    func invisiblePartOfASecretIsNamed(secret: String, reason: String) throws {
        let workplace = try Workplace()
        try workplace.directory.write(secret + "\n", to: "keys/pega.secret")
        let checked = try workplace.signet("check")
        #expect(checked.status == 2)
        #expect(checked.notes.first?.hasSuffix("keys.pega: \(reason)") == true, "\(checked.errors)")
        #expect(checked.notes.count == 2 && checked.notes[1].hasPrefix("hint: "))
        let inspected = try workplace.signet("keys", "inspect", "keys/pega.secret", "--encoding", "utf8")
        #expect(inspected.status == 2)
        #expect(inspected.notes.first == "signet: error: keys/pega.secret: \(reason)")
        let plain = try workplace.signet("keys", "inspect", "keys/pega.secret")
        #expect(plain.status == 0)
        #expect(plain.notes.first == "signet: warning: \(reason)")
        for outcome in [checked, inspected, plain] { #expect(!(outcome.output + outcome.errors).contains("MARKER")) }
    }

    @Test func secretInUTF16IsRefused() throws {
        let workplace = try Workplace()
        try workplace.directory.write(
            Array("MARKER-secret-of-at-least-32-characters".data(using: .utf16) ?? Data()), to: "keys/pega.secret")
        for arguments in [["check"], ["keys", "inspect", "keys/pega.secret"]] {
            let outcome = try workplace.signet(arguments)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("this is text in UTF-16"))
            #expect(!outcome.output.contains("HMAC secret"))
        }
    }

    @Test(arguments: [
        (#""keys/no such program -x""#, "it is a string, not an array", "in brackets, one list item per argument"),
        (
            #"["no-such-program kv get"]"#, "there is no program \"no-such-program kv get\"",
            "no shell splits the line: write one list item per argument"
        ),
    ])
    func keyProgramInOneStringHasAHint(exec: String, reason: String, hint: String) throws {
        let workplace = try Workplace(
            Workplace.configuration.replacing(#""file": "keys/pega.secret""#, with: #""exec": \#(exec)"#))
        let outcome = try workplace.signet("check")
        #expect(outcome.status == (exec.hasPrefix("[") ? 3 : 2))
        #expect(outcome.notes.contains { $0.hasSuffix("keys.pega.exec: \(reason)") }, "\(outcome.errors)")
        #expect(outcome.notes.contains("hint: \(hint)"))
    }
}
