import Foundation
import SignetJOSE
import SignetTestSupport
import Testing

/// Whatever somebody else wrote, no command writes a character that cannot be seen.
@Suite struct HostileTextTests {
    /// A control sequence of C1, DEL, an override of direction, a zero-width space, a line separator, a tag character.
    private static let text = "x\u{9B}31m\u{7F}\u{202E}\u{200B}\u{2028}\u{E0041}y"

    private static func token(_ members: String = "") -> String {
        let header = Base64URL.encode(Array(#"{"alg":"HS256","\#(text)":"\#(text)"}"#.utf8))
        return "\(header).\(Base64URL.encode(Array(#"{"\#(text)":["\#(text)"]}"#.utf8))).AA"
    }

    /// One command, and what it is given.
    struct Call: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        var input = ""
        let status: Int32
        var testDescription: String { arguments.joined(separator: " ").visible }
    }

    static let calls: [Call] = [
        Call(arguments: ["inspect"], input: token(), status: 1),
        Call(arguments: ["inspect", "--output", "json"], input: token(), status: 1),
        Call(arguments: ["verify", "--key", "keys/dg.secret", "--output", "json"], input: token(), status: 1),
        Call(arguments: ["verify", "dg", "--output", "json"], input: token(), status: 1),
        Call(arguments: ["sign", "dg", "--batch", "-"], input: #"{"subject":"1","\#(text)":1}"# + "\n", status: 1),
        Call(arguments: ["sign", "dg", "--identity", "-"], input: #"{"subject":"1","\#(text)":1}"#, status: 2),
        Call(arguments: ["sign", "dg", "--\(text)"], status: 2),
        Call(arguments: ["sign", "dg", "--identity", text], status: 3),
        Call(arguments: ["check", "-c", "-"], input: #"{"keys":{},"connections":{},"\#(text)":1}"#, status: 2),
        Call(
            arguments: ["check", "-c", "-", "--output", "json"], input: #"{"keys":{},"connections":{},"\#(text)":1}"#,
            status: 2),
        Call(arguments: ["check", "-c", text], status: 3),
        Call(arguments: ["explain", "hostile", "-c", "hostile.json", "--context", "a=\(plain)"], status: 0),
        Call(
            arguments: ["explain", "hostile", "-c", "hostile.json", "--context", "a=\(plain)", "--output", "json"],
            status: 0),
        Call(arguments: ["migrate", "status", "-c", "hostile.json"], status: 0),
        Call(arguments: ["migrate", "status", "-c", "hostile.json", "--output", "json"], status: 0),
        Call(
            arguments: ["migrate", "preview", "moving", "-c", "hostile.json", "--identities", "empty-\(text)"],
            status: 1),
        Call(
            arguments: ["migrate", "preview", "moving", "--identities", "-", "--output", "json"],
            input: #"{"subject":"1","\#(text)":1}"# + "\n", status: 1),
        Call(arguments: ["migrate", "report", "help", "lines-\(text)"], status: 1),
        Call(arguments: ["audit", "verify", "-c", "hostile.json", "lines-\(text)"], status: 1),
        Call(arguments: ["audit", "verify", "-c", "hostile.json", "lines-\(text)", "--output", "json"], status: 1),
        Call(arguments: ["keys", "inspect", "hostile.jwk"], status: 0),
        Call(arguments: ["keys", "inspect", "hostile.jwk", "--output", "json"], status: 0),
        Call(arguments: ["keys", "public", "hostile.jwk", "--jwk"], status: 0),
        Call(arguments: ["completions", text], status: 2), Call(arguments: ["vendors", text], status: 2),
    ]

    private static let configuration = """
        { "digestKey": "log",
          "keys": { "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "\(plain)" },
                    "talkative": { "file": "keys/talkative.private.pem" },
                    "log": { "file": "keys/pega.secret", "encoding": "utf8" } },
          "connections": {
            "dg-eu": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" },
            "talkative-uk": { "vendor": "talkative", "key": "talkative", "region": "eu", "widgetId": "w",
              "fields": [ { "label": "\(plain)", "from": "subject" } ] } },
          "routes": {
            "hostile": { "cases": [ { "when": { "a": "\(plain)" }, "connection": "dg-eu" } ],
                         "otherwise": { "connection": "dg-eu" } },
            "moving": { "migrate": { "from": "dg-eu", "to": "talkative-uk", "stage": "live", "percent": 1, "salt": "\(plain)" } } } }
        """

    /// What the configuration takes: no control characters.
    private static let plain = "x\u{202E}\u{200B}\u{2028}\u{E0041}y"

    @Test(arguments: calls)
    func invisibleCharactersAreNeverWritten(call: Call) throws {
        let workplace = try Workplace()
        try workplace.directory.write(Self.configuration, to: "hostile.json")
        let folder = workplace.directory.url.path(percentEncoded: false)
        for (name, line) in [("empty", ""), ("lines", "{\"\(Self.text)\":1}\n")] {
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)-\(Self.text)", contents: Data(line.utf8)))
        }
        let jwk = try Fixtures.text("jose/keys/p256.public.jwk").replacing("}", with: #","kid":"\n\#(Self.text)"}"#)
        try workplace.directory.write(jwk, to: "hostile.jwk")
        let outcome = try workplace.signet(call.arguments, input: call.input)
        #expect(outcome.status == call.status, "\(outcome.output.visible) \(outcome.errors.visible)")
        let written = outcome.output + outcome.errors
        #expect(!written.isEmpty)
        let unseen = written.unicodeScalars.filter { $0 != "\n" && $0.isInvisible }
        #expect(unseen.isEmpty, "\(written.visible)")
        // In JSON a backslash is one of two.
        let shown = written.replacing(#"\\"#, with: #"\"#)
        let escapes = shown.contains(#"\u202e\u200b"#) && shown.contains(#"\udb40\udc41"#)
        #expect(escapes || Self.isSilent(call.arguments), "\(written)")
        if call.arguments.contains("json"), let line = outcome.lines.first {
            #expect(throws: Never.self) { try JSONReader.value(line.utf8) }
        }
    }

    /// Commands that do not repeat what they were given.
    private static func isSilent(_ arguments: [String]) -> Bool {
        arguments.starts(with: ["migrate", "preview"]) && arguments.contains("json")
    }

    /// A line end in a name makes no second line.
    @Test func nameCannotAddALine() throws {
        let workplace = try Workplace()
        let jwk = try Fixtures.text("jose/keys/p256.public.jwk").replacing(
            "}", with: #","kid":"a\nkind: HMAC secret"}"#)
        try workplace.directory.write(jwk, to: "a.jwk")
        let inspected = try workplace.signet("keys", "inspect", "a.jwk")
        #expect(inspected.status == 0)
        #expect(inspected.lines.contains(#"kid:         a\u000akind: HMAC secret"#))
        let report = try workplace.signet("migrate", "report", "help", "a\nsignet: error: b")
        #expect(report.status == 3)
        #expect(report.notes == [#"signet: error: a\u000asignet: error: b: no such file"#])
    }

    /// What is signed stays what it was given, to the byte.
    @Test func signedTokenHoldsTheUnchangedText() throws {
        let outcome = try Workplace().signet(
            ["sign", "talkative", "--subject", Self.plain, "--email", "a@b"], input: "")
        #expect(outcome.status == 0)
        let payload = try Base64URL.decode(String(outcome.output.split(separator: ".")[1]))
        #expect(String(decoding: payload, as: UTF8.self).contains(Self.plain))
    }
}
