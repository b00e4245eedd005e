import SignetTestSupport
import Testing

/// `-c` before $SIGNET_CONFIG before ./signet.json before ./signet.jsonc; `-` is stdin.
@Suite struct ConfigurationChoiceTests {
    private static func text(_ route: String) -> String {
        #"{"keys":{"k":{"env":"K","encoding":"utf8","kid":"x"}},"connections":{"c":{"vendor":"dg","key":"k"}},"#
            + #""routes":{"\#(route)":{"connection":"c"}}}"#
    }

    private static func directory(_ names: [String]) throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        for name in names { try directory.write(text(name.prefix { $0 != "/" && $0 != "." } + "-route"), to: name) }
        return directory
    }

    private static let hint = "signet: hint: valid: "

    @Test(arguments: [
        (
            ["flag.json", "variable.json", "signet.json", "signet.jsonc"], ["-c", "flag.json"], "variable.json",
            "flag-route"
        ),
        (["flag.json", "variable.json"], ["--config=flag.json"], "variable.json", "flag-route"),
        (["variable.json", "signet.json", "signet.jsonc"], [], "variable.json", "variable-route"),
        (["signet.json", "signet.jsonc"], [], "", "signet-route"), (["signet.jsonc"], [], "", "signet-route"),
        (["signet.json"], ["-c", "signet.json"], "nowhere.json", "signet-route"),
    ])
    func theNearestNameWins(files: [String], flags: [String], variable: String, route: String) throws {
        let outcome = try Signet.run(
            ["explain", "none-of-these"] + flags, in: Self.directory(files), environment: ["SIGNET_CONFIG": variable])
        #expect(outcome.status == 2)
        #expect(outcome.notes.last == Self.hint + route)
    }

    @Test func signetJSONGoesBeforeSignetJSONC() throws {
        let directory = try ScratchDirectory()
        try directory.write(Self.text("plain"), to: "signet.json")
        try directory.write(Self.text("commented"), to: "signet.jsonc")
        #expect(try Signet.run(["explain", "x-y"], in: directory).notes.last == Self.hint + "plain")
    }

    @Test func aDashIsStandardInput() throws {
        let outcome = try Signet.run(["explain", "a", "-c", "-"], in: try ScratchDirectory(), input: Self.text("a"))
        #expect(outcome.output == "a: c (dg): the route names this connection\n")
        let broken = try Signet.run(["explain", "a", "-c", "-"], in: try ScratchDirectory(), input: "{")
        #expect(broken.notes == ["-:1:2: error: a member name in double quotes is expected here"])
    }

    @Test func withoutAConfigurationTheHintNamesInit() throws {
        let outcome = try Signet.run(["check"], in: try ScratchDirectory())
        #expect(outcome.status == 3)
        #expect(
            outcome.notes == [
                "signet: error: the configuration cannot be read: signet.json: no such file",
                "signet: hint: signet init makes one; -c FILE or $SIGNET_CONFIG names one",
            ])
    }

    @Test func aMissingFileThatWasNamedIsNotReplacedByAnother() throws {
        let outcome = try Signet.run(["check", "-c", "other.json"], in: Self.directory(["signet.json"]))
        #expect(outcome.status == 3)
        #expect(outcome.notes.first?.hasPrefix("signet: error: the configuration cannot be read: other.json: ") == true)
    }

    @Test func keysLieBesideTheConfiguration() throws {
        let directory = try ScratchDirectory()
        try directory.write(Self.text("a").replacing(#""env":"K""#, with: #""file":"k""#), to: "inner/signet.json")
        try directory.write(Workplace.dgSecret, to: "inner/k")
        #expect(try Signet.run(["sign", "a", "--subject", "1", "-c", "inner/signet.json"], in: directory).status == 0)
    }
}
