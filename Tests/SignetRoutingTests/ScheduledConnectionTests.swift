import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import SignetSystem
import Testing

/// Connections whose signing key changes with time, made in memory by public API, and from a configuration.
@Suite struct ScheduledConnectionTests {
    private static let change = NumericDate(seconds: 1_800_000_000)
    private static let before = change.advanced(by: -1)
    private static let later = change.advanced(by: 100)

    private static func key(_ name: String, from: NumericDate? = nil, until: NumericDate? = nil) throws -> NamedKey {
        let window = try #require(KeyWindow(notBefore: from, notAfter: until))
        return NamedKey(name: name, key: .hs256(try HS256Key.generate(keyID: "kid-\(name)")), window: window)
    }

    private static func connection(_ first: NamedKey, _ others: NamedKey...) throws -> ScheduledConnection {
        let settings = try DGSettings()
        return try ScheduledConnection(ConnectionKeys(signing: first, others: others)) { keys throws(SignetError) in
            try DGPlugin.connect("dg", settings: settings, keys: keys)
        }
    }

    private static func sign(_ connection: ScheduledConnection, at time: NumericDate) throws -> SignedIdentity {
        try connection.connection(at: time).sign(
            .customer(try Customer(subject: "1")), in: SigningContext(time: time))
    }

    @Test func keyChangesAtItsSecondAndBothAlwaysVerify() throws {
        let connection = try Self.connection(try Self.key("old", until: Self.change), try Self.key("new"))
        let tokens = try [Self.before, Self.change].map { time in
            let signed = try Self.sign(connection, at: time)
            #expect(signed.key == (time == Self.before ? "old" : "new"))
            let header = CompactJWSInspection(signed.token.compact).header
            #expect(header?["kid"]?.string == "kid-\(signed.key)")
            return signed.token.compact
        }
        for time in [Self.before, Self.change, Self.later] {
            let signer = connection.connection(at: time)
            for token in tokens {
                #expect(signer.verify(token, in: VerificationContext(time: time)).isValid)
            }
        }
    }

    @Test func preferredKeyTakesOverAtItsTime() throws {
        let connection = try Self.connection(try Self.key("new", from: Self.change), try Self.key("old"))
        #expect(try [Self.before, Self.change].map { try Self.sign(connection, at: $0).key } == ["old", "new"])
    }

    @Test func connectionWithoutASigningKeyOnlyVerifies() throws {
        let connection = try Self.connection(
            try Self.key("old", until: Self.change), try Self.key("new", from: Self.later))
        let token = try Self.sign(connection, at: Self.before).token.compact
        let error = #expect(throws: SignetError.self) { try Self.sign(connection, at: Self.change) }
        #expect(error?.code == "no-signing-key")
        #expect(error?.reason == "no key of connection \"dg\" signs at this moment")
        let resting = connection.connection(at: Self.change)
        #expect(resting.verify(token, in: VerificationContext(time: Self.change)).isValid)
        #expect(try Self.sign(connection, at: Self.later).key == "new")
    }

    @Test func faultOfTheRequestComesBeforeTheMissingKey() throws {
        let connection = try Self.connection(try Self.key("old", until: Self.change)).connection(at: Self.change)
        let error = #expect(throws: SignetError.self) {
            try connection.sign(.anonymous, in: SigningContext(time: Self.change))
        }
        #expect(error?.isFault(SigningFault.nothingToSign) == true)
    }

    /// A vendor is not called with a key outside its window.
    @Test(arguments: [nil, try? SessionID("5f0f1c1e")])
    func connectionWithoutASigningKeyDeliversNothing(session: SessionID?) throws {
        let key = NamedKey(
            name: "old", key: .hs256(try HS256Key.generate()),
            window: try #require(KeyWindow(notBefore: nil, notAfter: Self.change)))
        let settings = try PegaSettings(location: .region(.uk), widgetID: "w")
        let connection = try ScheduledConnection(ConnectionKeys(key)) { keys throws(SignetError) in
            try PegaPlugin.connect("pega", settings: settings, keys: keys)
        }
        for time in [Self.before, Self.change] {
            let current = connection.connection(at: time)
            #expect(current.needsSession)
            let request = SigningRequest(.customer(try Customer(subject: "1")), sessionID: session)
            let context = SigningContext(time: time)
            if time == Self.before {
                _ = try #require(try current.delivery(of: request, in: context))
            } else {
                let error = #expect(throws: SignetError.self) { try current.delivery(of: request, in: context) }
                #expect(error?.isFault(SigningFault.noKey) == true)
            }
        }
    }

    @Test func routerPicksTheKeyOfTheMoment() throws {
        let connection = try Self.connection(try Self.key("old", until: Self.change), try Self.key("new"))
        let router = try Router(
            scheduled: [connection], routes: try RouteTable([Route("shop", .connection("dg"))]))
        let keys = try [Self.before, Self.change].map { time in
            let (found, _) = try router.route("shop", at: time)
            #expect(try router.connection("dg", at: time).name == "dg")
            return try found.sign(.customer(try Customer(subject: "1")), in: SigningContext(time: time)).key
        }
        #expect(keys == ["old", "new"])
        #expect(router.scheduled.map(\.schedule?.periods.count) == [2])
    }

    // MARK: From a configuration

    private static func folder(_ old: String, _ new: String) throws -> KeyFolder {
        let folder = try KeyFolder(
            Reading.text(
                keys: #""old":{"file":"old","encoding":"utf8","kid":"o"\#(old)},"#
                    + #""new":{"file":"new","encoding":"utf8","kid":"n"\#(new)}"#,
                connections: #""dg":{"vendor":"dg","keys":["old","new"]}"#))
        try folder.secret("old", KeyFolder.secret("o"))
        try folder.secret("new", KeyFolder.secret("n"))
        return folder
    }

    @Test func windowsOfTheConfigurationApply() throws {
        let folder = try Self.folder(
            #","notAfter":"2999-01-01T00:00:00Z""#, #","notBefore":"2998-01-01T00:00:00Z""#)
        let router = try folder.configuration().load()
        let change = try #require(NumericDate(rfc3339: "2999-01-01T00:00:00Z"))
        #expect(router.scheduled[0].schedule?.key(at: .now) == "old")
        let next = router.scheduled[0].schedule?.change(after: .now)
        #expect(next?.start == change)
        #expect(next?.key == "new")
    }

    @Test func connectionWithoutASigningKeyIsRefusedAtLoading() throws {
        let folder = try Self.folder(
            #","notAfter":"2026-01-01T00:00:00Z""#, #","notBefore":"2026-01-02T00:00:00Z""#)
        let configuration = try folder.configuration()
        let gap = try #require(NumericDate(rfc3339: "2026-01-01T00:00:00Z"))
        #expect(
            folder.lines(configuration.loadAll(at: gap).errors) == """
                DIR/signet.json:1:198: error: connections.dg: none of its keys signs at this moment, 2026-01-01T00:00:00Z
                hint: "old" signs until 2026-01-01T00:00:00Z; "new" signs from 2026-01-02T00:00:00Z

                """)
        #expect(configuration.loadAll(at: gap.advanced(by: -1)).errors.isEmpty)
        #expect(configuration.loadAll(at: gap.advanced(by: 86_400)).errors.isEmpty)
        // Verifying needs no key that signs.
        #expect(try configuration.load(scheduled: "dg").schedule?.key(at: gap) == nil)
    }

    @Test func brokenKeyOfALaterWindowIsRefused() throws {
        let folder = try Self.folder(#","notAfter":"2999-01-01T00:00:00Z""#, "")
        try folder.secret("new", "short")
        #expect(try folder.configuration().loadAll().errors.map(\.path) == ["keys.new"])
    }

    // MARK: Placeholders

    private static let placeholder = "stand-in: a-made-up-secret-of-more-than-32-characters"

    @Test(arguments: [true, false])
    func placeholderNeverSignsNextToARealKey(isFirst: Bool) throws {
        let window = try #require(KeyWindow(notBefore: nil, notAfter: Self.change))
        let real = NamedKey(name: "real", key: .hs256(try HS256Key.generate(keyID: "1")), window: window)
        let secret = Array(Self.placeholder.utf8).withUnsafeBytes { SecretBytes(copying: $0) }
        let placeholder = NamedKey(name: "stand-in", key: .hs256(try HS256Key(secret: secret, keyID: "2")))
        let connection = try isFirst ? Self.connection(placeholder, real) : Self.connection(real, placeholder)
        #expect(try Self.sign(connection, at: Self.before).key == "real")
        let error = #expect(throws: SignetError.self) { try Self.sign(connection, at: Self.change) }
        #expect(error?.isFault(SigningFault.noKey) == true)
        // It verifies, but the outlook reports the end of the real key as if there were no placeholder.
        let token = try Self.sign(try Self.connection(placeholder), at: Self.before).token.compact
        let signer = connection.connection(at: Self.before)
        #expect(signer.verify(token, in: VerificationContext(time: Self.before)).isValid)
        let schedule = try #require(connection.schedule)
        #expect(SigningOutlook(schedule, at: Self.before)?.gap == Self.change)
    }

    @Test func placeholdersSignAmongThemselves() throws {
        let folder = try Self.folder("", "")
        for name in ["old", "new"] { try folder.secret(name, "\(Self.placeholder)-\(name)") }
        #expect(try folder.configuration().load().scheduled[0].schedule?.periods.map(\.key) == ["old"])
    }

    @Test func placeholderIsNamedIfNoKeySigns() throws {
        let folder = try Self.folder(#","notAfter":"2026-01-01T00:00:00Z""#, "")
        try folder.secret("new", Self.placeholder)
        let lines = folder.lines(try folder.configuration().loadAll().errors)
        #expect(
            lines.hasSuffix(
                "hint: \"old\" signs until 2026-01-01T00:00:00Z; \"new\" is a placeholder, which never signs next to another key: "
                    + "put the vendor's secret into its place\n"), "\(lines)")
    }
}
