import Foundation
import SignetTestSupport
import Testing

@Suite struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func scriptIsValidForItsShell(shell: String) throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.shell("\"$SIGNET\" completions \(shell) > script", in: directory)
        #expect(outcome.status == 0)
        #expect(try directory.text("script").contains("signet"))
        guard try Signet.shell("command -v \(shell)", in: directory).status == 0 else {
            // Someone who only builds has not all of them; .ci/run installs them first.
            #expect(ProcessInfo.processInfo.environment["CI"] == nil, "\(shell) is missing")
            return
        }
        let check = try Signet.shell("\(shell) -n script", in: directory)
        #expect(check.status == 0, "\(check.errors)")
    }

    /// What bash offers for a line that ends in the word to be completed.
    private static func offered(_ words: [String], in directory: ScratchDirectory) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let line = """
            source <("$SIGNET" completions bash)
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
            _signet "$SIGNET"; printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try Signet.shell(line, in: directory)
        #expect(outcome.errors == "")
        return outcome.lines.filter { !$0.isEmpty }
    }

    @Test(arguments: [
        (["signet", "si"], ["sign"]), (["signet", "ke"], ["keys"]), (["signet", "keys", "g"], ["generate"]),
        (["signet", "keys", ""], ["generate", "public", "inspect", "rotate", "promote", "retire"]),
        (["signet", "--v"], ["--version"]),
        (["signet", "sign", "uk", "--sub"], ["--subject"]), (["signet", "sign", "--o"], ["--output"]),
        (["signet", "check", "--output", ""], ["text", "json"]),
        (["signet", "check", "--output", "=", ""], ["text", "json"]),
        (["signet", "check", "--output", "="], ["text", "json"]),
        (["signet", "keys", "generate", "a", "--algorithm", "h"], ["hs256"]),
        (["signet", "sign", "x", "--for", ""], ["create"]), (["signet", "completions", "z"], ["zsh"]),
        (["signet", "keys", "public", "--p"], ["--passphrase-file"]),
        // Paths, and what has blanks in it is one of them.
        (["signet", "check", "-c", "the-"], ["the-file.json"]),
        (["signet", "check", "--config", "=", "the-"], ["the-file.json"]),
        (["signet", "keys", "inspect", "the"], ["the file", "the-file.json"]),
        (["signet", "keys", "inspect", "sub"], ["sub folder"]),
        (["signet", "init", ""], ["sub folder"]), (["signet", "keys", "generate", "a", "--dir", "s"], ["sub folder"]),
        (["signet", "sign", "dg", "--batch", "the-"], ["the-file.json"]),
        (["signet", "migrate", "report", "moving", "the-"], ["the-file.json"]),
        (["signet", "migrate", "report", "moving", "x", "y", "the-"], ["the-file.json"]),
        // Names of the configuration.
        (["signet", "sign", ""], ["talkative", "pega", "dg", "support", "moving"]),
        (["signet", "sign", "t"], ["talkative"]), (["signet", "sign", "--subject", "1", "su"], ["support"]),
        (["signet", "verify", "m"], ["moving"]), (["signet", "explain", "p"], ["pega"]),
        (["signet", "migrate", "advance", "m"], ["moving"]), (["signet", "migrate", "report", "m"], ["moving"]),
        (["signet", "sign", "--connection", ""], ["talkative-uk", "pega-us", "dg-eu"]),
        (["signet", "sign", "--connection", "=", "d"], ["dg-eu"]),
        (["signet", "check", "--deliver", "p"], ["pega-us"]),
        (["signet", "explain", "moving", "--ongoing", "d"], ["dg-eu"]),
        (["signet", "keys", "rotate", "t"], ["talkative-uk"]),
        (["signet", "keys", "promote", "talkative-uk", ""], ["talkative", "pega", "dg"]),
        (["signet", "keys", "promote", "--output", "json", "dg-eu", "d"], ["dg"]),
        (["signet", "vendors", ""], ["pega", "talkative", "dg"]),
        (["signet", "callers", "create", "a", "--routes", "t"], ["talkative"]),
        // The configuration that the line names.
        (["signet", "sign", "-c", "the file", ""], ["other"]),
        (["signet", "sign", "--config", "=", "the file", "o"], ["other"]),
        // Without names, the flags.
        (["signet", "sign", "-c", "nowhere", "--su"], ["--subject"]),
    ])
    func bashOffersPossibleWords(words: [String], offered: [String]) throws {
        let directory = try Workplace().directory
        try directory.write("", to: "the-file.json")
        try directory.write(#"{ "routes": { "other": {}, "no name $(touch x)": {} }, "nonsense": 1 }"#, to: "moved")
        #expect(try Signet.shell("mkdir 'sub folder' && mv moved 'the file'", in: directory).status == 0)
        // Only keys/ would stand beside it.
        let found = try Self.offered(words, in: directory).filter { $0 != "keys" || words.count == 2 }
        #expect(found.sorted() == offered.sorted())
    }

    @Test func everyFlagOfEveryCommandIsOffered() throws {
        let directory = try ScratchDirectory()
        for command in HelpTests.commands {
            let words = command.split(separator: " ").map(String.init)
            let help = try Signet.run(words + ["--help"], in: directory).lines
            let options = help.drop { $0 != "OPTIONS" }.dropFirst().prefix { !$0.isEmpty }
            let flags = options.compactMap { $0.split(separator: " ").first { $0.hasPrefix("--") }.map(String.init) }
            #expect(
                try Self.offered(["signet"] + words + ["--"], in: directory).sorted() == flags.sorted(), "\(command)")
        }
    }

    // MARK: Names

    @Test(arguments: [
        ("routes", ["talkative", "pega", "dg", "support", "moving"]),
        ("connections", ["talkative-uk", "pega-us", "dg-eu"]), ("keys", ["talkative", "pega", "dg"]),
        ("vendors", ["pega", "talkative", "dg"]),
    ])
    func listPrintsNamesInFileOrder(kind: String, names: [String]) throws {
        let workplace = try Workplace()
        let outcome = try workplace.signet("completions", "--list", kind)
        #expect(outcome.status == 0)
        #expect(outcome.lines == names)
        #expect(outcome.errors == "")
        // A fault elsewhere hides no name.
        try workplace.directory.write(
            Workplace.configuration.replacing(#""vendor": "dg""#, with: #""vendor": "gd""#), to: "signet.json")
        #expect(try workplace.signet("completions", "--list", kind).lines == names)
    }

    @Test(arguments: ["nowhere", ".", "-", "broken", "list"])
    func unreadableConfigurationListsNothingSilently(path: String) throws {
        let directory = try ScratchDirectory()
        try directory.write("{ \"routes\": { \"a\"", to: "broken")
        try directory.write("[]", to: "list")
        let outcome = try Signet.run(["completions", "--list", "routes", "-c", path], in: directory)
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors == "")
    }
}
