import SignetTestSupport
import Testing

/// Inputs that are broken, each through the real command: one clear line, at most one hint, the right status, nothing left.
@Suite struct BadInputTests {
    struct BadKey: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let contents: [UInt8]
        var mode = 0o600
        var passphrase: String?
        let status: Int32
        let message: String

        init(
            _ name: String, _ contents: [UInt8]?, mode: Int = 0o600, passphrase: String? = nil, _ status: Int32,
            _ message: String
        ) {
            testDescription = name
            self.contents = contents ?? []
            self.mode = mode
            self.passphrase = passphrase
            self.status = status
            self.message = message
        }

        static func fixture(_ name: String) -> [UInt8]? { try? Fixtures.bytes("config/keys/\(name)") }
    }

    static let keys = [
        BadKey("empty", [], 2, "the key file is empty"),
        BadKey("wrong curve", BadKey.fixture("wrong-curve.pem"), 2, "secp384r1"),
        BadKey("RSA", BadKey.fixture("rsa.pem"), 2, "RSA"),
        BadKey(
            "encrypted", BadKey.fixture("encrypted.pem"), 2, "the private key is encrypted and no passphrase was given"),
        BadKey(
            "wrong passphrase", BadKey.fixture("encrypted.pem"), passphrase: "MARKER", 2,
            "the passphrase does not open the private key"),
        BadKey("truncated", BadKey.fixture("truncated.pem"), 2, "the PEM file is cut off"),
        BadKey("DER", BadKey.fixture("der.key"), 2, "this is neither a PEM file nor a JWK"),
        BadKey(
            "open to others", BadKey.fixture("talkative.private.pem"), mode: 0o604, 3,
            "holds a secret and its mode 0604 lets others read or write it"),
        BadKey("too large", [UInt8](repeating: 65, count: 70_000), 3, "is larger than a key can be"),
        BadKey(
            "deep JWK", Array(String(repeating: "[", count: 60_000).utf8), 2, "this is neither a PEM file nor a JWK"),
        BadKey(
            "deep object", Array(String(repeating: #"{"a":"#, count: 10_000).utf8), 2, "nested deeper than 32 levels"),
    ]

    private static func folder(_ key: BadKey) throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        try directory.write(key.contents, to: "a.pem", mode: key.mode)
        if let passphrase = key.passphrase { try directory.write(passphrase, to: "p") }
        let member = key.passphrase == nil ? "" : #", "passphrase": { "file": "p" }"#
        let text =
            #"{ "keys": { "a": { "file": "a.pem"\#(member) } }, "connections": { "t": { "vendor": "talkative", "key": "a" } } }"#
        try directory.write(text, to: "signet.json")
        return directory
    }

    @Test(arguments: keys)
    func badConfiguredKeyIsReportedAtItsPlace(key: BadKey) throws {
        let directory = try Self.folder(key)
        let before = directory.contents
        for arguments in [["sign", "--connection", "t", "--subject", "1"], ["check"]] {
            let outcome = try Signet.run(arguments, in: directory)
            #expect(outcome.status == key.status)
            if arguments == ["check"] {
                #expect(outcome.lines.map { $0.prefix(4) } == ["fail", "fail"])
                #expect(outcome.output.contains(key.message))
                #expect(!outcome.output.contains("MARKER"))
            } else {
                #expect(outcome.output == "")
            }
            #expect(outcome.notes.count <= 2)
            #expect(outcome.notes.first?.hasPrefix("signet.json:1:") == true)
            #expect(outcome.notes.first?.contains(key.message) == true, "\(outcome.errors)")
            #expect(!outcome.errors.contains("MARKER"))
        }
        #expect(directory.contents == before)
    }

    @Test(arguments: keys.filter { !["DER", "deep JWK", "empty"].contains($0.testDescription) })
    func badKeyOnTheCommandLineIsReportedWithItsFile(key: BadKey) throws {
        let directory = try Self.folder(key)
        let flags = key.passphrase == nil ? [] : ["--passphrase-file", "p"]
        let outcome = try Signet.run(["keys", "public", "a.pem"] + flags, in: directory)
        #expect(outcome.status == key.status)
        #expect(outcome.notes.first?.hasPrefix("signet: error: a.pem") == true)
        #expect(outcome.notes.first?.contains(key.message) == true, "\(outcome.errors)")
        #expect(outcome.notes.count <= 2)
        #expect(outcome.output == "")
    }

    @Test func encryptedKeyHintNamesThePassphraseFlag() throws {
        let directory = try Self.folder(Self.keys[3])
        let outcome = try Signet.run(["keys", "public", "a.pem"], in: directory)
        #expect(
            outcome.notes.last == "signet: hint: put the passphrase into a file and name it with --passphrase-file FILE"
        )
        try directory.write("opensesame\n", to: "p")
        let opened = try Signet.run(["keys", "public", "a.pem", "--passphrase-file", "p"], in: directory)
        #expect(try opened.output == Fixtures.text("config/keys/talkative.public.pem"))
    }

    static let texts: [(name: String, bytes: [UInt8], message: String)] = [
        ("deep", Array(String(repeating: "[", count: 100_000).utf8), "nested deeper than 32 levels"),
        ("deep object", Array(String(repeating: #"{"a":"#, count: 10_000).utf8), "nested deeper than 32 levels"),
        ("not UTF-8", [0x7B, 0x22, 0xFF, 0x22, 0x7D], "not valid UTF-8"),
        ("overlong", [0x7B, 0x22, 0xC0, 0x80, 0x22, 0x7D], "not valid UTF-8"),
        ("lone surrogate", Array(#"{"subject":"\ud800"}"#.utf8), "half of a surrogate pair"),
        ("raw NUL", Array("{\"subject\":\"a\u{0}b\"}".utf8), "a string contains a control character"),
        ("empty", [], "ends where a value is expected"),
    ]

    @Test(arguments: texts.map(\.name))
    func badTextIsReportedFromEverySource(name: String) throws {
        let text = try #require(Self.texts.first { $0.name == name })
        let workplace = try Workplace()
        let before = workplace.directory.contents
        let identity = try Signet.run(["sign", "dg", "--identity", "-"], in: workplace.directory, input: text.bytes)
        let isTooLarge = text.bytes.count > 64 * 1024
        #expect(identity.status == (isTooLarge ? 3 : 2))
        #expect(identity.notes.count <= 2)
        #expect(
            identity.notes.first?.contains(isTooLarge ? "larger than 65536 bytes" : text.message) == true,
            "\(identity.errors)")
        let configuration = try Signet.run(["check", "-c", "-"], in: workplace.directory, input: text.bytes)
        #expect(configuration.status == 2)
        #expect(configuration.notes.first?.hasPrefix("-:1:") == true || name == "lone surrogate")
        let batch = try Signet.run(["sign", "dg", "--batch", "-"], in: workplace.directory, input: text.bytes + [0x0A])
        if name == "deep" {
            #expect(batch.status == 2 && batch.output == "")
            #expect(batch.errors.contains("the input is a JSON array"), "\(batch.errors)")
        } else {
            #expect(batch.status == 1)
            #expect(batch.lines.count == 1)
            #expect(batch.output.contains(isTooLarge ? "line-too-long" : text.message), "\(batch.output)")
        }
        #expect(workplace.directory.contents == before)
    }

    @Test func deepPayloadIsReportedAsAProblem() throws {
        let payload = "W1tbW1tb" + String(repeating: "W1tbW1tb", count: 1000)
        let inspected = try Workplace().signet(
            ["inspect", "--output", "json"], input: "eyJhbGciOiJIUzI1NiJ9.\(payload).AA")
        #expect(inspected.status == 1)
        #expect(inspected.output.contains("json-too-deep"))
        let large = try Workplace().signet(
            ["inspect", "--output", "json"], input: String(repeating: "W1tb", count: 33_000))
        #expect(large.status == 1)
        #expect(large.notes.first == "signet: error: the token is larger than 16384 bytes")
    }

    @Test func namesInMessagesCannotSteerTheTerminalOrAddLines() throws {
        let workplace = try Workplace()
        let identity = try workplace.signet(
            ["sign", "dg", "--identity", "-"], input: #"{"subject":"1","\u001b[31m\nx":1}"#)
        #expect(identity.status == 2)
        #expect(identity.notes.first == #"signet: error: /\u001b[31m\u000ax: there is no member of that name"#)
        let configuration = try workplace.signet(
            ["check", "-c", "-"], input: #"{"keys":{},"connections":{},"\u009b31m\n":1}"#)
        #expect(configuration.notes.first == #"-:1:29: error: "\u009b31m\n": there is no member of this name"#)
        #expect(configuration.notes.count == 2)
    }

    @Test(arguments: [
        ["sign", "dg", "--subject", "1"], ["sign", "dg", "--batch", "ids"], ["inspect", "x"], ["check"], ["vendors"],
        ["--help"],
        ["--version"], ["completions", "bash"], ["explain", "dg"], ["keys", "public", "keys/talkative.private.pem"],
        ["verify", "dg", "x"], ["init", "new"],
    ])
    func fullDiskUnderStdoutHasStatusThree(arguments: [String]) throws {
        let workplace = try Workplace()
        try workplace.directory.write("{\"subject\":\"1\"}\n", to: "ids")
        let outcome = try Signet.run(arguments, in: workplace.directory, standardOutput: "/dev/full")
        #expect(outcome.status == 3)
        #expect(outcome.notes.last == "signet: error: standard output: No space left on device")
    }

    @Test(arguments: [
        ["keys", "generate", "a", "--dir", "/proc/nothing"], ["init", "/proc/nothing"],
        ["keys", "generate", "a", "--dir", "/dev/null"], ["demo", "/proc/nothing"],
    ])
    func folderThatCannotBeWrittenHasStatusThree(arguments: [String]) throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.run(arguments, in: directory)
        #expect(outcome.status == 3)
        #expect(outcome.notes.count == 1)
        #expect(outcome.notes.first?.hasPrefix("signet: error: /") == true)
        #expect(directory.contents.isEmpty)
    }
}
