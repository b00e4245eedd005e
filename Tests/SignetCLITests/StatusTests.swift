import SignetTestSupport
import Testing

/// The table of exit statuses, and who says what where: results on stdout, everything else on stderr.
@Suite struct StatusTests {
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

    static let refused = [
        Call("sgin", 2, "signet: error: there is no command \"sgin\"", "signet: hint: did you mean \"signet sign\"?"),
        Call(
            "eyJhbGciOiJIUzI1NiJ9.e30.AA", 2, "signet: error: there is no command of that name",
            "signet: hint: signet --help"),
        Call(
            "keys", 2, "signet: error: signet keys is followed by generate, public, inspect, rotate, promote, retire",
            "signet: hint: signet keys --help"),
        Call(
            "keys generat x", 2,
            "signet: error: signet keys has no command \"generat\": it is followed by generate, public, inspect, rotate, promote, retire",
            "signet: hint: did you mean \"signet keys generate\"?"),
        Call(
            "sign dg --subjct=MARKER", 2, "signet: error: signet sign has no flag --subjct",
            "signet: hint: did you mean --subject?"),
        Call("sign dg -x", 2, "signet: error: signet sign has no flag -x", "signet: hint: signet sign --help"),
        Call(
            "verify dg --atr x", 2, "signet: error: signet verify has no flag --atr", "signet: hint: did you mean --at?"
        ),
        Call("sign dg --subject", 2, "signet: error: --subject wants a value: --subject ID"),
        Call("sign dg --subject a --subject b", 2, "signet: error: --subject stands twice"),
        Call("sign dg --anonymous=yes", 2, "signet: error: --anonymous takes no value"),
        Call(
            "sign dg extra --subject 1", 2, "signet: error: signet sign takes at most 1 operand",
            "signet: hint: usage: signet sign ROUTE --subject ID [--email E] [--name N] [--phone P] [--attribute K=V]… [--context K=V]…"
        ),
        Call(
            "check extra", 2, "signet: error: signet check takes no operands",
            "signet: hint: usage: signet check [--deliver CONNECTION] [--output json]"),
        Call(
            "verify dg a b", 2, "signet: error: signet verify takes at most 2 operands",
            "signet: hint: usage: signet verify ROUTE [TOKEN|-] [--context K=V]… [--session SID | --for create] [--at TIME]"
        ),
        Call(
            "sign dg", 2, "signet: error: nobody to sign for",
            "signet: hint: --subject ID, --anonymous, --identity FILE or --batch FILE"),
        Call(
            "sign --subject 1", 2, "signet: error: neither a route nor --connection NAME is there",
            "signet: hint: valid: talkative, pega, dg, support, moving"),
        Call(
            "sign dg --connection dg-eu --subject 1", 2, "signet: error: a route and --connection cannot stand together"
        ),
        Call("sign dg --subject 1 --anonymous", 2, "signet: error: --subject and --anonymous cannot stand together"),
        Call("sign dg --email e --identity -", 2, "signet: error: --email and --identity cannot stand together"),
        Call("sign dg --identity - --batch -", 2, "signet: error: --identity and --batch cannot stand together"),
        Call(
            "sign dg --identity {\"subject\":\"MARKER\"}", 2,
            "signet: error: --identity wants a file or -, not the JSON itself"),
        Call(
            "sign dg --batch {\"subject\":\"MARKER\"}", 2,
            "signet: error: --batch wants a file or -, not the JSON itself"),
        Call(
            "sign dg --subject ''", 2, "signet: error: subject is empty",
            "signet: hint: for an anonymous visitor, send \"anonymous\": true"),
        Call("sign dg --subject 1 --attribute plan", 2, "signet: error: --attribute wants NAME=VALUE"),
        Call("sign dg --subject 1 --attribute =x", 2, "signet: error: --attribute wants NAME=VALUE"),
        Call(
            "sign dg --subject 1 --attribute 1=x", 2,
            "signet: error: an attribute's name is not of the form [A-Za-z][A-Za-z0-9_-]{0,63}"),
        Call("sign dg --subject 1 --context a=MARKER --context a=c", 2, "signet: error: --context a=… stands twice"),
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
            "signet: error: --session and --for are for vendors that bind their tokens to a session, and this one does not",
            "signet: hint: leave them out"),
        Call(
            "verify moving MARKER --session s", 2,
            "signet: error: --session and --for are for vendors that bind their tokens to a session, and this one does not",
            "signet: hint: leave them out"),
        Call(
            "sign pega --subject 1", 2, "signet: error: a Pega JWT is for one session or for making one",
            "signet: hint: --session SID signs for a session that exists, --for create for making one"),
        Call(
            "sign pega --subject 1 --session MARKER/x", 2, "signet: error: a session id is 1 to 256 URL-safe characters"
        ),
        Call(
            "sign pega --subject 1 --session a --for create", 2,
            "signet: error: --session and --for cannot stand together"),
        Call(
            "sign pega --subject 1 --for crate", 2, "signet: error: --for is one of create",
            "signet: hint: did you mean create?"),
        Call(
            "verify pega MARKER", 2, "signet: error: whether the token is right depends on what it is for",
            "signet: hint: --session SID for a session that exists, --for create for making one"),
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
            "verify dg MARKER --at yesterday", 2, "signet: error: --at wants a time",
            "signet: hint: RFC 3339 in UTC and whole seconds: 2026-01-31T12:00:00Z"),
        Call("verify dg", 2, "signet: error: there is no token on standard input"),
        Call(
            "verify --key keys/dg.secret --at 2026-01-01T00:00:00Z MARKER", 2,
            "signet: error: --at and --key cannot stand together"),
        Call(
            "verify --key keys/dg.secret dg MARKER", 2,
            "signet: error: a route stands with neither --key nor --connection"),
        Call(
            "verify --connection dg-eu dg MARKER", 2,
            "signet: error: a route stands with neither --key nor --connection"),
        Call("verify dg MARKER --encoding hex", 2, "signet: error: --encoding goes with --key"),
        Call("verify --key keys/none MARKER", 3, "signet: error: keys/none: no such file"),
        Call(
            "verify --key keys/dg.secret --encoding hex MARKER", 2,
            "signet: error: keys/dg.secret: the secret is not hexadecimal"),
        Call("explain", 2, "signet: error: ROUTE is missing", "signet: hint: --help shows how it is called"),
        Call("explain moving --attribute a=MARKER", 2, "signet: error: --attribute goes with --subject"),
        Call(
            "explain moving --subject ''", 2, "signet: error: subject is empty",
            "signet: hint: for an anonymous visitor, send \"anonymous\": true"),
        Call("explain movin", 2, "signet: error: no route \"movin\"", "signet: hint: did you mean \"moving\"?"),
        Call(
            "migrate", 2,
            "signet: error: signet migrate is followed by status, preview, advance, back, report",
            "signet: hint: signet migrate --help"),
        Call(
            "migrate status dg", 2, "signet: error: route \"dg\" is not moved: it has no \"migrate\"",
            "signet: hint: moved: moving"),
        Call(
            "migrate preview dg --identities -", 2,
            "signet: error: route \"dg\" is not moved: it has no \"migrate\"", "signet: hint: moved: moving"),
        Call(
            "migrate preview movin --identities -", 2, "signet: error: no route \"movin\"",
            "signet: hint: did you mean \"moving\"?"),
        Call("migrate preview", 2, "signet: error: ROUTE is missing", "signet: hint: --help shows how it is called"),
        Call(
            "migrate preview moving", 2, "signet: error: no identities to look at",
            "signet: hint: --identities FILE, one identity a line, or - for stdin"),
        Call(
            "migrate preview moving --identities {\"subject\":\"MARKER\"}", 2,
            "signet: error: --identities wants a file or -, not the JSON itself"),
        Call(
            "migrate preview moving --identities - --percent 1e1", 2, "signet: error: --percent wants a percentage",
            "signet: hint: 0 to 100, with at most three decimals: 12.5"),
        Call("migrate preview moving --identities nowhere", 3, "signet: error: nowhere: no such file"),
        Call(
            "migrate report moving", 2, "signet: error: AUDITFILE is missing",
            "signet: hint: --help shows how it is called"),
        Call("migrate report moving nowhere", 3, "signet: error: nowhere: no such file"),
        Call(
            "migrate report movin - -c signet.json", 2, "signet: error: no route \"movin\"",
            "signet: hint: did you mean \"moving\"?"),
        Call("migrate report moving - -", 2, "signet: error: stdin can be read once"),
        Call("vendors peg", 2, "signet: error: no vendor \"peg\"", "signet: hint: did you mean \"pega\"?"),
        Call("vendors --schema pega", 2, "signet: error: --schema is of all vendors, not of one"),
        Call("completions ksh", 2, "signet: error: no completions for \"ksh\"", "signet: hint: valid: bash, zsh, fish"),
        Call("completions", 2, "signet: error: SHELL is missing", "signet: hint: --help shows how it is called"),
        Call("keys generate", 2, "signet: error: NAME is missing", "signet: hint: --help shows how it is called"),
        Call(
            "keys generate Upper", 2, "signet: error: \"Upper\" is not a name",
            "signet: hint: lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64"),
        Call(
            "keys generate ../x", 2, "signet: error: \"../x\" is not a name",
            "signet: hint: lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most 64"),
        Call(
            "keys generate x --algorithm rs256", 2, "signet: error: --algorithm is one of es256, hs256",
            "signet: hint: did you mean es256?"),
        Call(
            "keys generate x --algorithm hs256 --format sec1", 2,
            "signet: error: --format is for es256: a secret has no PEM"),
        Call(
            "keys public keys/dg.secret", 2,
            "signet: error: keys/dg.secret: this is neither a PEM file nor a JWK with a public half",
            "signet: hint: an HMAC secret has none: whoever verifies with it can sign with it"),
        Call("keys public nowhere.pem", 3, "signet: error: nowhere.pem: no such file"),
        Call("keys inspect keys", 3, "signet: error: keys is a directory, not a file"),
        Call(
            "check -c nowhere.json", 3,
            "signet: error: the configuration cannot be read: nowhere.json: no such file",
            "signet: hint: signet init makes one; -c FILE or $SIGNET_CONFIG names one"),
        Call("check -c keys", 3, "signet: error: the configuration cannot be read: keys is a directory, not a file"),
        Call("init ''", 2, "signet: error: DIR is empty"),
        Call("demo ''", 2, "signet: error: DIR is empty"),
        Call(
            "init", 2, "signet: error: signet.json exists already",
            "signet: hint: signet init touches nothing that is there: name another folder"),
    ]

    @Test(arguments: refused)
    func whatCannotBeDoneIsOneErrorAndOneHint(call: Call) throws {
        let workplace = try Workplace()
        let before = workplace.directory.contents
        let outcome = try workplace.signet(call.arguments, input: call.input)
        #expect(outcome.status == call.status)
        #expect(outcome.notes == call.notes)
        #expect(outcome.output == "")
        #expect(!outcome.errors.contains("MARKER"))
        #expect(workplace.directory.contents == before)
    }

    @Test func withoutACommandTheOverviewIsWrongUse() throws {
        let outcome = try Workplace().signet([])
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("COMMANDS"))
    }

    @Test(arguments: ["sign dg --subject '\\xff'", "sign dg --subject 1 --name 'a\\xc0\\x80'", "\\xff"])
    func anArgumentThatIsNotUTF8IsRefusedAndNotRepaired(line: String) throws {
        let workplace = try Workplace()
        let quoted = line.replacing("'", with: "")
        let outcome = try Signet.shell("\"$SIGNET\" $(printf '\(quoted)')", in: workplace.directory)
        #expect(outcome.status == 2)
        #expect(outcome.notes == ["signet: error: an argument is not valid UTF-8"])
        #expect(outcome.output == "")
    }
}
