import SignetTestSupport
import Testing

/// The table of exit statuses, and who says what where: results on stdout, everything else on stderr.
@Suite struct RefusedCallTests {
    struct Call: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        let notes: [String]
        let input: String
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ line: String, _ status: Int32, _ notes: String..., input: String = "") {
            arguments = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            self.status = status
            self.notes = notes
            self.input = input
        }
    }

    /// Each call names standard input twice. Reading it once would leave nothing for the second reader.
    static let twice = [
        "sign -c - dg --batch -", "sign -c - dg --identity -", "sign -c - --connection dg-eu --batch -",
        "verify -c - dg", "verify -c - dg -", "verify -c - moving", "verify -c - --connection dg-eu",
        "verify --key -", "verify --key - -", "verify --key keys/talkative.private.pem --passphrase-file -",
        "verify --key - --passphrase-file - MARKER", "keys public - --passphrase-file -",
        "keys inspect - --passphrase-file -", "migrate preview moving -c - --identities -",
        "migrate report moving - -", "migrate report moving -c - -", "audit verify - -", "audit verify -c - -",
    ].map { Call($0, 2, "signet: error: standard input can be read only once", input: Workplace.configuration) }

    static let refused = [
        Call("sgin", 2, "signet: error: there is no command \"sgin\"", "signet: hint: did you mean \"signet sign\"?"),
        Call(
            "eyJhbGciOiJIUzI1NiJ9.e30.AA", 2, "signet: error: there is no command of that name",
            "signet: hint: signet --help"),
        Call(
            "keys", 2,
            "signet: error: signet keys needs a command: one of generate, public, inspect, rotate, promote, retire",
            "signet: hint: signet keys --help"),
        Call(
            "keys generat x", 2,
            "signet: error: signet keys has no command \"generat\": one of generate, public, inspect, rotate, promote, retire",
            "signet: hint: did you mean \"signet keys generate\"?"),
        Call(
            "sign dg --subjct=MARKER", 2, "signet: error: signet sign has no flag --subjct",
            "signet: hint: did you mean --subject?"),
        Call("sign dg -x", 2, "signet: error: signet sign has no flag -x", "signet: hint: signet sign --help"),
        Call(
            "verify dg --atr x", 2, "signet: error: signet verify has no flag --atr", "signet: hint: did you mean --at?"
        ),
        Call("sign dg --subject", 2, "signet: error: --subject needs a value: --subject ID"),
        Call("sign dg --subject a --subject b", 2, "signet: error: --subject is given twice"),
        Call("sign dg --anonymous=yes", 2, "signet: error: --anonymous takes no value"),
        Call(
            "sign dg extra --subject 1", 2, "signet: error: signet sign takes at most 1 argument without a flag",
            "signet: hint: usage: signet sign ROUTE --subject ID [--email E] [--name N] [--phone P] [--attribute K=V]… [--context K=V]…"
        ),
        Call(
            "check extra", 2, "signet: error: signet check takes no argument without a flag",
            "signet: hint: usage: signet check [--deliver CONNECTION] [--output json]"),
        Call(
            "verify dg a b", 2, "signet: error: signet verify takes at most 2 arguments without a flag",
            "signet: hint: usage: signet verify ROUTE [TOKEN|-] [--context K=V]… [--session SID | --for create] [--at TIME]"
        ),
        Call(
            "sign dg", 2, "signet: error: no identity is named",
            "signet: hint: use --subject ID, --anonymous, --identity FILE or --batch FILE"),
        Call(
            "sign --subject 1", 2, "signet: error: ROUTE or --connection NAME is missing",
            "signet: hint: valid: talkative, pega, dg, support, moving"),
        Call(
            "sign dg --connection dg-eu --subject 1", 2, "signet: error: ROUTE and --connection exclude each other"
        ),
        Call("sign dg --subject 1 --anonymous", 2, "signet: error: --subject and --anonymous exclude each other"),
        Call("sign dg --email e --identity -", 2, "signet: error: --email and --identity exclude each other"),
        Call("sign dg --identity - --batch -", 2, "signet: error: --identity and --batch exclude each other"),
        Call(
            "sign dg --identity {\"subject\":\"MARKER\"}", 2,
            "signet: error: --identity needs a file or -, not the JSON itself"),
        Call(
            "sign dg --batch {\"subject\":\"MARKER\"}", 2,
            "signet: error: --batch needs a file or -, not the JSON itself"),
        Call(
            "sign dg --subject ''", 2, "signet: error: subject is empty",
            "signet: hint: for an anonymous visitor, use --anonymous"),
        Call("sign dg --subject 1 --attribute plan", 2, "signet: error: --attribute needs NAME=VALUE"),
        Call("sign dg --subject 1 --attribute =x", 2, "signet: error: --attribute needs NAME=VALUE"),
        Call(
            "sign dg --subject 1 --attribute 1=x", 2,
            "signet: error: an attribute's name is not of the form [A-Za-z][A-Za-z0-9_-]{0,63}"),
        Call("sign dg --subject 1 --context a=MARKER --context a=c", 2, "signet: error: --context a=… is given twice"),
        Call("sign dg --subject 1 --output yaml", 2, "signet: error: --output is one of text, json"),
        Call(
            "sign dg --subject 1 --output jsn", 2, "signet: error: --output is one of text, json",
            "signet: hint: did you mean json?"),
        Call(
            "sign gd --subject MARKER", 2, "signet: error: no route \"gd\"",
            "signet: hint: did you mean \"dg\"?"),
        Call(
            "sign suport --subject MARKER", 2, "signet: error: no route \"suport\"",
            "signet: hint: did you mean \"support\"?"),
        Call(
            "sign --connection dg-e --subject 1", 2, "signet: error: no connection \"dg-e\"",
            "signet: hint: did you mean \"dg-eu\"?"),
        Call(
            "sign moving --subject 1 --for create", 2,
            "signet: error: this vendor's tokens are not bound to a session, so --session and --for are not accepted",
            "signet: hint: leave them out"),
        Call(
            "verify moving MARKER --session s", 2,
            "signet: error: this vendor's tokens are not bound to a session, so --session and --for are not accepted",
            "signet: hint: leave them out"),
        Call(
            "sign pega --subject 1", 2, "signet: error: a Pega JWT is for one session, or for creating one",
            "signet: hint: --session SID names an existing session; --for create is for creating one"),
        Call(
            "sign pega --subject 1 --session MARKER/x", 2, "signet: error: a session id is 1 to 256 URL-safe characters"
        ),
        Call(
            "sign pega --subject 1 --session a --for create", 2,
            "signet: error: --session and --for exclude each other"),
        Call(
            "sign pega --subject 1 --for crate", 2, "signet: error: --for is one of create",
            "signet: hint: did you mean create?"),
        Call(
            "verify pega MARKER", 2,
            "signet: error: this vendor's tokens are bound to a session, and no session is named",
            "signet: hint: --session SID names an existing session; --for create is for creating one"),
        Call(
            "sign talkative --subject MARKER", 1, "signet: error: Talkative field \"Email\" needs email",
            "signet: hint: send it, or make the field optional with \"required\": false"),
        Call("sign dg --anonymous", 1, "signet: error: DG has no auth token for an anonymous visitor"),
        Call("sign talkative --anonymous", 1, "signet: error: Talkative has no signed data for an anonymous visitor"),
        Call(
            "sign pega --anonymous --session MARKER", 1,
            "signet: error: Pega has no private data for an anonymous visitor"),
        Call(
            "verify eyJhbGciOiJIUzI1NiJ9.MARKER.AA", 2, "signet: error: no route of that name",
            "signet: hint: valid: talkative, pega, dg, support, moving"),
        Call(
            "verify dg MARKER --at yesterday", 2, "signet: error: --at needs a time",
            "signet: hint: RFC 3339 in UTC and whole seconds: 2026-01-31T12:00:00Z"),
        Call("verify dg", 2, "signet: error: standard input holds no token"),
        Call(
            "verify --key keys/dg.secret --at 2026-01-01T00:00:00Z MARKER", 2,
            "signet: error: --at and --key exclude each other"),
        Call(
            "verify --key keys/dg.secret dg MARKER", 2,
            "signet: error: ROUTE and --key or --connection exclude each other"),
        Call(
            "verify --connection dg-eu dg MARKER", 2,
            "signet: error: ROUTE and --key or --connection exclude each other"),
        Call("verify dg MARKER --encoding hex", 2, "signet: error: --encoding needs --key"),
        Call("verify --key keys/none MARKER", 3, "signet: error: keys/none: no such file"),
        Call(
            "verify --key keys/dg.secret --encoding hex MARKER", 2,
            "signet: error: keys/dg.secret: the secret is not hexadecimal"),
        Call("explain", 2, "signet: error: ROUTE is missing", "signet: hint: --help shows the usage"),
        Call("explain moving --attribute a=MARKER", 2, "signet: error: --attribute needs --subject"),
        Call(
            "explain moving --subject ''", 2, "signet: error: subject is empty",
            "signet: hint: for an anonymous visitor, leave out --subject"),
        Call("explain movin", 2, "signet: error: no route \"movin\"", "signet: hint: did you mean \"moving\"?"),
        Call(
            "migrate", 2,
            "signet: error: signet migrate needs a command: one of status, preview, advance, back, report",
            "signet: hint: signet migrate --help"),
        Call(
            "migrate status dg", 2, "signet: error: the route \"dg\" has no \"migrate\"",
            "signet: hint: routes with \"migrate\": moving"),
        Call(
            "migrate preview dg --identities -", 2,
            "signet: error: the route \"dg\" has no \"migrate\"", "signet: hint: routes with \"migrate\": moving"),
        Call(
            "migrate preview movin --identities -", 2, "signet: error: no route \"movin\"",
            "signet: hint: did you mean \"moving\"?"),
        Call("migrate preview", 2, "signet: error: ROUTE is missing", "signet: hint: --help shows the usage"),
        Call(
            "migrate preview moving", 2, "signet: error: --identities is missing",
            "signet: hint: --identities FILE with one identity per line, or - for stdin"),
        Call(
            "migrate preview moving --identities {\"subject\":\"MARKER\"}", 2,
            "signet: error: --identities needs a file or -, not the JSON itself"),
        Call(
            "migrate preview moving --identities - --percent 1e1", 2,
            "signet: error: --percent needs a number from 0 to 100 with at most three decimals",
            "signet: hint: for example --percent 12.5"),
        Call("migrate preview moving --identities nowhere", 3, "signet: error: nowhere: no such file"),
        Call(
            "migrate report moving", 2, "signet: error: AUDITFILE is missing",
            "signet: hint: --help shows the usage"),
        Call("migrate report moving nowhere", 3, "signet: error: nowhere: no such file"),
        Call(
            "migrate report movin - -c signet.json", 2, "signet: error: no route \"movin\"",
            "signet: hint: did you mean \"moving\"?"),
        Call("vendors peg", 2, "signet: error: no vendor \"peg\"", "signet: hint: did you mean \"pega\"?"),
        Call("vendors --schema pega", 2, "signet: error: --schema is for all vendors, not for one"),
        Call("completions ksh", 2, "signet: error: no completions for \"ksh\"", "signet: hint: valid: bash, zsh, fish"),
        Call("completions", 2, "signet: error: SHELL is missing", "signet: hint: --help shows the usage"),
        Call("keys generate", 2, "signet: error: NAME is missing", "signet: hint: --help shows the usage"),
        Call(
            "keys generate Upper", 2, "signet: error: \"Upper\" is not a valid name",
            "signet: hint: lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64"),
        Call(
            "keys generate ../x", 2, "signet: error: \"../x\" is not a valid name",
            "signet: hint: lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64"),
        Call("keys generate x --algorithm rs256", 2, "signet: error: --algorithm is one of es256, hs256"),
        Call(
            "keys generate x --algorithm hs256 --format sec1", 2,
            "signet: error: --format is for es256, and a secret has no PEM"),
        Call(
            "keys public keys/dg.secret", 2,
            "signet: error: keys/dg.secret is neither a PEM file nor a JWK with a public key",
            "signet: hint: an HMAC secret has no public key"),
        Call("keys public nowhere.pem", 3, "signet: error: nowhere.pem: no such file"),
        Call("keys inspect keys", 3, "signet: error: keys is a directory, not a file"),
        Call(
            "check -c nowhere.json", 3,
            "signet: error: the configuration cannot be read: nowhere.json: no such file",
            "signet: hint: signet init makes one; -c FILE or $SIGNET_CONFIG names one"),
        Call("check -c keys", 3, "signet: error: the configuration cannot be read: keys is a directory, not a file"),
        Call("keys generate a --dir ''", 2, "signet: error: --dir is empty"),
        Call("init ''", 2, "signet: error: DIR is empty"),
        Call("demo ''", 2, "signet: error: DIR is empty"),
        Call(
            "init", 2, "signet: error: signet.json exists already",
            "signet: hint: signet init changes no existing file: choose another folder"),
    ]

    @Test(arguments: refused + twice)
    func refusedCallHasOneErrorAndAtMostOneHint(call: Call) throws {
        let workplace = try Workplace()
        let before = workplace.directory.contents
        let outcome = try workplace.signet(call.arguments, input: call.input)
        #expect(outcome.status == call.status)
        #expect(outcome.notes == call.notes)
        #expect(outcome.output == "")
        #expect(!outcome.errors.contains("MARKER"))
        #expect(workplace.directory.contents == before)
    }

    @Test func missingCommandPrintsTheOverviewAndIsWrongUse() throws {
        let outcome = try Workplace().signet([])
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("COMMANDS"))
    }

    @Test(arguments: ["sign dg --subject '\\xff'", "sign dg --subject 1 --name 'a\\xc0\\x80'", "\\xff"])
    func argumentThatIsNotUTF8IsRefused(line: String) throws {
        let workplace = try Workplace()
        let quoted = line.replacing("'", with: "")
        let outcome = try Signet.shell("\"$SIGNET\" $(printf '\(quoted)')", in: workplace.directory)
        #expect(outcome.status == 2)
        #expect(outcome.notes == ["signet: error: an argument is not valid UTF-8"])
        #expect(outcome.output == "")
    }
}
