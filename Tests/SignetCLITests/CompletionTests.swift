import SignetTestSupport
import Testing

@Suite struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func theScriptIsSoundForItsShell(shell: String) throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.shell("\"$SIGNET\" completions \(shell) > script", in: directory)
        #expect(outcome.status == 0)
        #expect(try directory.text("script").contains("signet"))
        // bash is there wherever these tests run; the others are asked where they are.
        let check = try Signet.shell("! command -v \(shell) >/dev/null || \(shell) -n script", in: directory)
        #expect(check.status == 0, "\(check.errors)")
    }

    /// What bash offers for a line that ends in the word to be completed.
    private static func offered(_ words: [String], in directory: ScratchDirectory) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let line = """
            source <("$SIGNET" completions bash)
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
            _signet; printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try Signet.shell(line, in: directory).lines.filter { !$0.isEmpty }
    }

    @Test(arguments: [
        (["signet", "si"], ["sign"]), (["signet", "ke"], ["keys"]), (["signet", "keys", "g"], ["generate"]),
        (["signet", "keys", ""], ["generate", "public", "inspect", "rotate", "promote", "retire"]),
        (["signet", "--v"], ["--version"]),
        (["signet", "sign", "uk", "--sub"], ["--subject"]), (["signet", "sign", "--o"], ["--output"]),
        (["signet", "check", "--output", ""], ["text", "json"]),
        (["signet", "keys", "generate", "a", "--algorithm", "h"], ["hs256"]),
        (["signet", "sign", "x", "--for", ""], ["create"]), (["signet", "completions", "z"], ["zsh"]),
        (["signet", "keys", "public", "--p"], ["--passphrase-file"]),
        (["signet", "check", "-c", "the-"], ["the-file.json"]),
        (["signet", "keys", "inspect", "the"], ["the-file.json"]),
    ])
    func bashOffersWhatCanFollow(words: [String], offered: [String]) throws {
        let directory = try ScratchDirectory()
        try directory.write("", to: "the-file.json")
        #expect(try Self.offered(words, in: directory) == offered)
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
}
