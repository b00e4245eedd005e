import SignetKit
import SignetRouting
import SignetSystem
import Testing

@Suite struct RouteTableTests {
    private static let table: RouteTable? = try? RouteTable([
        Route("plain", .connection("dg")),
        Route(
            "cases",
            .cases(
                [
                    Route.Case(
                        when: Condition([("brand", ["acme"]), ("locale", ["en-GB", "en-IE"])]), connection: "both"),
                    Route.Case(when: Condition([("brand", ["acme"])]), connection: "first"),
                    Route.Case(when: Condition([("brand", ["acme", "caf\u{E9}"])]), connection: "second"),
                    Route.Case(when: Condition([("st\u{E4}dt", ["x"])]), connection: "name"),
                ], otherwise: "rest")),
        Route("move", .migration(Migration(from: "old", to: "new", stage: .shadow, salt: "move"))),
    ])

    @Test(arguments: [
        (["brand": "acme", "locale": "en-GB"], "both"), (["brand": "acme", "locale": "en-IE"], "both"),
        (["brand": "acme", "locale": "en-US"], "first"), (["brand": "acme"], "first"),
        (["brand": "caf\u{E9}"], "second"), (["brand": "cafe\u{301}"], "rest"), (["brand": "ACME"], "rest"),
        (["brand": "acme "], "rest"), (["locale": "en-GB"], "rest"), ([:], "rest"), (["Brand": "acme"], "rest"),
        (["st\u{E4}dt": "x"], "name"), (["sta\u{308}dt": "x"], "rest"),
    ])
    func firstMatchingCaseWins(context: [String: String], connection: String) throws {
        #expect(try #require(Self.table).choose("cases", context: context).connection == connection)
    }

    @Test func choiceHasItsReason() throws {
        let table = try #require(Self.table)
        let both = try table.choose("cases", context: ["brand": "acme", "locale": "en-GB"])
        #expect(both.reason.code == "case")
        #expect(
            both.reason.text == "case 1 matches: brand is \"acme\" and locale is one of \"en-GB\", \"en-IE\"")
        let otherwise = try table.choose("cases")
        #expect(otherwise.reason == .otherwise)
        #expect(otherwise.reason.code == "otherwise")
        #expect(otherwise.reason.text == "no case matches the context, so \"otherwise\" applies")
        let plain = try table.choose("plain", context: ["brand": "acme"])
        #expect(plain.connection == "dg")
        #expect(plain.reason == .fixed)
        #expect(plain.reason.code == "connection")
    }

    @Test(arguments: [
        ("plan", "no route \"plan\"", "did you mean \"plain\"?"),
        ("nothing-like-it", "no route \"nothing-like-it\"", "valid: plain, cases, move"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "no route of that name", "valid: plain, cases, move"),
        ("a\u{1B}[31m", "no route of that name", "valid: plain, cases, move"),
    ])
    func unknownRouteIsReportedWithoutRepeatingInvalidNames(name: String, reason: String, hint: String) throws {
        let table = try #require(Self.table)
        let error = #expect(throws: SignetError.self) { try table.choose(name) }
        #expect(error?.isFault(RoutingFault.unknownRoute) == true)
        #expect(error?.code == "route-unknown")
        #expect(error?.reason == reason)
        #expect(error?.hint == hint)
    }

    @Test func migrationChoiceHasSideAndReason() throws {
        let choice = try #require(Self.table).choose("move")
        #expect(choice.connection == "old")
        #expect(choice.reason.code == "stage")
        #expect(choice.reason.text == "the migration's stage is \"shadow\"")
        #expect(choice.decision?.side == .from)
    }

    @Test func twoRoutesOfOneNameAreRefused() {
        let error = #expect(throws: SignetError.self) {
            try RouteTable([Route("a", .connection("x")), Route("a", .connection("y"))])
        }
        #expect(error?.isFault(RoutingFault.invalid) == true)
        #expect(error?.reason == "there are two routes \"a\"")
    }

    @Test(arguments: ["", "A", "-a", "a b", "a/b", String(repeating: "a", count: 65)])
    func invalidRouteNameIsRefused(name: String) {
        let error = #expect(throws: SignetError.self) { try RouteTable([Route(name, .connection("x"))]) }
        #expect(error?.isFault(RoutingFault.invalid) == true)
        #expect(error?.reason.hasPrefix("a route's name is lower-case letters") == true)
    }

    @Test(arguments: [
        ("uk-store", "uk-*", true), ("uk-", "uk-*", true), ("uk", "uk-*", false), ("x-uk-a", "uk-*", false),
        ("anything", "*", true), ("", "*", true), ("ab", "a*b", true), ("a-x-b", "a*b", true), ("a-x-c", "a*b", false),
        ("aab", "a*ab", true), ("abcabd", "*abd", true), ("a", "a", true), ("aa", "a", false), ("a", "", false),
        ("a.b", "a.b", true), ("axb", "a.b", false), ("abab", "**b*", true),
    ])
    func onlyTheStarIsSpecialInPatterns(name: String, pattern: String, matches: Bool) {
        #expect(Glob.matches(name, pattern: pattern) == matches)
    }

    @Test(arguments: [
        ("127.0.0.1:8787", true), ("127.9.9.9:1", true), ("localhost:80", true), ("LOCALHOST:80", true),
        ("[::1]:8787", true),
        ("unix:/run/signet.sock", true), ("unix:./signet.sock", true), ("unix:signet.sock", true), ("systemd", true),
        ("0.0.0.0:8787", false), ("[::]:8787", false),
        ("192.0.2.1:8787", false), ("127.0.0.1.example.com:80", false), ("127.1:80", false),
        ("localhost.example:80", false),
    ])
    func loopbackIsRecognizedByItsName(text: String, isLocal: Bool) throws {
        #expect(try #require(ListenAddress(text)).isLocal == isLocal)
    }

    @Test(arguments: [
        "", "8787", ":8787", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80", "::1:80",
        "[::1]",
        "[::1%lo]:80", "unix:", "unix:/", "unix:run/", "unix:/a\nb", "Systemd", "http://localhost:80", "localhost:80/",
        "a b:80",
    ])
    func invalidAddressIsRefused(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
