import SignetIdentity
import SignetJOSE
import SignetRouting

/// Declares all members of `signet.json`. The reader's checks, hints and defaults, the JSON Schema and the reference are made from
/// these declarations.
package enum ConfigurationDeclaration {
    /// The whole configuration, with the connections of these vendors.
    package static func root(for vendors: [Vendor]) -> OptionType {
        .object(members(for: vendors), rules: [])
    }

    /// The members of the whole configuration.
    package static func members(for vendors: [Vendor]) -> [OptionDeclaration] {
        [
            OptionDeclaration(
                "$schema", .string(.text), .optional("editors check and complete nothing"),
                "The schema, for editors. Signet does not read it.",
                example: "signet.schema.json"),
            OptionDeclaration(
                "listen", .string(.listenAddress), .defaults(.string(ListenAddress.loopback(ListenAddress.port))),
                "Where the gateway listens: host and port, \"unix:\" and a path, or \"systemd\". Off loopback it needs \"tls\" or \"behindProxy\"."
            ),
            OptionDeclaration(
                "tls", .object(tls, rules: []), .optional("the gateway speaks plain HTTP"),
                "The gateway's own certificate."),
            OptionDeclaration(
                "behindProxy", .boolean, .defaults(false),
                "Says that a proxy in front of the gateway does TLS. The gateway may listen off loopback then."),
            OptionDeclaration(
                "admin", .object(admin, rules: []), .defaults([:]), "The listener for health and metrics."),
            OptionDeclaration(
                "callers", .list(.object(caller, rules: []), minimum: 0), .defaults([]),
                "The backends that may ask the gateway."),
            OptionDeclaration(
                "keys", .map(names: .name, values: .object(key, rules: keyRules)), .required,
                "The signing keys by their names."),
            OptionDeclaration(
                "digestKey", .string(.name), .optional("there are no digests; the gateway needs it"),
                "A key of Signet's own, for digests of subjects and the chain of the audit. The same on every replica.",
                example: "log-digest"),
            OptionDeclaration(
                "audit", .object(audit, rules: []), .optional("nothing is recorded"),
                "The record of every signed identity."),
            OptionDeclaration(
                "delivery", .object(delivery, rules: []), .defaults([:]), "How vendors are called."),
            OptionDeclaration(
                "drain", .duration(drainTime), .defaults("15s"),
                "How long requests in flight have to finish after SIGTERM."),
            OptionDeclaration(
                "drainDelay", .duration(drainTime), .defaults("0s"),
                "How long the gateway listens on after SIGTERM while it is not ready."),
            OptionDeclaration(
                "connections", .map(names: .name, values: connection(for: vendors)), .required,
                "The accounts and widgets at the vendors."),
            OptionDeclaration(
                "routes", .map(names: .name, values: .object(route, rules: routeRules)), .defaults([:]),
                "The names that callers ask for, and the connection that each leads to."),
        ]
    }

    // MARK: The gateway

    package static let tls = [
        OptionDeclaration("certificate", .string(.path), .required, "The certificate chain, PEM.", example: "tls.crt"),
        OptionDeclaration("key", .string(.path), .required, "Its private key, PEM.", example: "tls.key"),
    ]

    package static let admin = [
        OptionDeclaration(
            "listen", .string(.listenAddress), .defaults(.string(ListenAddress.loopback(ListenAddress.adminPort))),
            "Where health and metrics are served."),
        OptionDeclaration(
            "exposed", .boolean, .defaults(false), "Allows an address off loopback. There is no authentication."),
        OptionDeclaration(
            "hosts", .list(.string(.hostName), minimum: 0), .defaults([]),
            "Names that Host may have besides localhost and IP addresses. Off loopback an empty list allows any name.",
            example: ["signet.internal"]),
    ]

    package static let caller = [
        OptionDeclaration("name", .string(.name), .required, "The caller's name.", example: "storefront"),
        OptionDeclaration(
            "tokenSha256", .list(.string(.sha256Hex), minimum: 1), .required,
            "SHA-256 digests of its tokens; several while a token is replaced."),
        OptionDeclaration(
            "routes", .list(.string(.routeGlob), minimum: 1), .required,
            "The routes it may use; * stands for any characters.", example: ["uk-*", "us-store"]),
        OptionDeclaration(
            "allow", .list(.choice(CallerRight.allCases.map(\.rawValue)), minimum: 1), .defaults(["badge"]),
            "What it may ask for. \"sign\" hands out tokens and is never a default."),
        OptionDeclaration(
            "rate", .object(rate, rules: []), .optional("its requests are not limited"), "A token bucket."),
    ]

    package static let rate = [
        OptionDeclaration(
            "perSecond", .integer(1...1_000_000), .required, "Requests a second in the long run.", example: 50),
        OptionDeclaration("burst", .integer(1...1_000_000), .required, "Requests at once.", example: 100),
    ]

    package static let audit = [
        OptionDeclaration(
            "file", .string(.path), .required, "The file that lines are appended to.", example: "audit.jsonl"),
        OptionDeclaration(
            "durability", .choice(AuditDurability.allCases.map(\.rawValue)), .defaults("process"),
            "The crash that a recorded line survives: \"process\", or \"machine\", which waits for the disk before the answer."
        ),
    ]

    /// The limits of what a vendor may take, in milliseconds.
    private static let vendorTime: ClosedRange<Int64> = 1...25_000
    private static let drainTime: ClosedRange<Int64> = 0...3_600_000
    private static let standard = DeliverySettings()

    private static func duration(_ milliseconds: Int64) -> OptionDeclaration.Presence {
        .defaults(.string(DurationText.text(milliseconds)))
    }

    private static func number(_ number: Int) -> OptionDeclaration.Presence {
        .defaults(.number(JSONNumber(Int64(number))))
    }

    package static let delivery = [
        OptionDeclaration(
            "connect", .duration(vendorTime), duration(standard.connect), "How long a connection may take to open."),
        OptionDeclaration("call", .duration(vendorTime), duration(standard.call), "How long one call may take."),
        OptionDeclaration(
            "total", .duration(vendorTime), duration(standard.total), "How long all tries may take together."),
        OptionDeclaration("attempts", .integer(1...10), number(standard.attempts), "How many tries a call has."),
        OptionDeclaration(
            "perConnection", .integer(1...1_000), number(standard.perConnection),
            "How many calls of one connection may run at once. A request over the limit is refused."),
    ]

    // MARK: Keys

    package static let key = [
        OptionDeclaration(
            "file", .string(.path), .optional("the key has another source"),
            "A file: PEM or JWK for ES256, the secret for HS256.", example: "keys/talkative-uk.private.pem"),
        OptionDeclaration(
            "env", .string(.environmentName), .optional("the key has another source"),
            "An environment variable.", example: "PEGA_US_JWT_SECRET"),
        OptionDeclaration(
            "credential", .string(.credentialName), .optional("the key has another source"),
            "A systemd credential, by its name under $CREDENTIALS_DIRECTORY.", example: "pega-us"),
        OptionDeclaration(
            "exec", .list(.string(.commandPart), minimum: 1), .optional("the key has another source"),
            "A command whose output is the key: the program and its arguments, without a shell. It has \(KeyCommand.timeLimit / 1_000) s.",
            example: ["vault", "kv", "get", "-field=secret", "chat/pega-us"]),
        OptionDeclaration(
            "encoding", .choice(SecretEncoding.allCases.map(\.rawValue)), .optional("the key is a PEM file or a JWK"),
            "How the text of an HMAC secret encodes its bytes. Required for every secret.", example: "utf8"),
        OptionDeclaration(
            "kid", .string(.keyID), .optional("tokens carry no kid"), "The key id in the token's header.",
            example: "dg_live_1"),
        OptionDeclaration(
            "passphrase", .object(passphrase, rules: [.exactlyOne(["file", "env"])]),
            .optional("the private key is not encrypted"), "The passphrase of an encrypted private key."),
        OptionDeclaration(
            "allowShortSecret", .boolean, .defaults(false),
            "Allows an HMAC secret under 32 bytes, for a vendor whose secrets are that short."),
        OptionDeclaration(
            "notBefore", .string(.time), .optional("at once"),
            "The moment from which on the key signs. It verifies at any time.",
            example: "2027-01-01T00:00:00Z"),
        OptionDeclaration(
            "notAfter", .string(.time), .optional("for ever"),
            "The moment from which on the key no longer signs. It still verifies.",
            example: "2027-12-31T00:00:00Z"),
    ]

    package static let passphrase = [
        OptionDeclaration(
            "file", .string(.path), .optional("\"env\" is used"), "A file that holds it.",
            example: "keys/passphrase"),
        OptionDeclaration(
            "env", .string(.environmentName), .optional("\"file\" is used"),
            "An environment variable that holds it."),
    ]

    private static let keyRules: [OptionRule] = [
        .exactlyOne(["file", "env", "credential", "exec"]), .atMostOne(["encoding", "passphrase"]),
        .requires("allowShortSecret", "encoding"),
    ]

    // MARK: Connections

    private static func connection(for vendors: [Vendor]) -> OptionType {
        let tag = OptionDeclaration(
            "vendor", .choice(vendors.map(\.name)), .required, "The vendor.",
            example: vendors.first.map { .string($0.name) })
        return .tagged(
            by: tag,
            vendors.map { vendor in
                (vendor.name, members(of: vendor), [.exactlyOne(["key", "keys"])] + vendor.rules)
            })
    }

    /// The members of a vendor's connection, besides `vendor`.
    package static func members(of vendor: Vendor) -> [OptionDeclaration] {
        [
            OptionDeclaration(
                "key", .string(.name), .optional("\"keys\" is used"), "The key that signs, by its name."),
            OptionDeclaration(
                "keys", .list(.string(.name), minimum: 1), .optional("\"key\" is used"),
                "Several keys. The first whose time window contains the moment signs; all verify."),
        ] + vendor.options
    }

    // MARK: Routes

    private static let connectionName = OptionDeclaration(
        "connection", .string(.name), .required, "The connection, by its name.", example: "talkative-uk")

    private static let condition = OptionDeclaration(
        "when",
        .map(names: .text, values: .stringOr(.text, .list(.string(.text), minimum: 1))), .required,
        "Members of the request's context, each with its value or a list of possible values.",
        example: ["brand": "acme", "locale": ["en-GB", "en-IE"]])

    package static let route = [
        OptionDeclaration(
            "connection", .string(.name), .optional("\"cases\" or \"migrate\" is used"),
            "The connection, by its name.", example: "talkative-uk"),
        OptionDeclaration(
            "cases", .list(.object([condition, connectionName], rules: []), minimum: 1),
            .optional("\"connection\" or \"migrate\" is used"),
            "Rules that read the request's context. The first that matches wins."),
        OptionDeclaration(
            "otherwise", .object([connectionName], rules: []), .optional("there are no \"cases\""),
            "The connection for requests that no case matches."),
        OptionDeclaration(
            "migrate", .object(migration, rules: []), .optional("\"connection\" or \"cases\" is used"),
            "A migration from one connection to another that customers do not notice."),
    ]

    private static let routeRules: [OptionRule] = [
        .exactlyOne(["connection", "cases", "migrate"]), .requires("cases", "otherwise"),
        .requires("otherwise", "cases"),
    ]

    private static let pins = OptionType.listOr(
        .string(.text), minimum: 1,
        .object(
            [OptionDeclaration("file", .string(.path), .required, "A file with one subject on each line.")], rules: []))

    static let migration = [
        OptionDeclaration("from", .string(.name), .required, "The old connection.", example: "dg-eu"),
        OptionDeclaration("to", .string(.name), .required, "The new connection.", example: "talkative-uk"),
        OptionDeclaration(
            "stage", .choice(Migration.Stage.allCases.map(\.rawValue)), .required, "The stage.",
            example: "live"),
        OptionDeclaration(
            "percent", .percentage, .defaults(0), "The percentage of customers who get the new connection in \"live\".",
            example: .number(JSONNumber(validated: "12.5"))),
        OptionDeclaration(
            "stickiness", .string(.stickiness), .defaults("subject"), "What keeps a customer on one side."),
        OptionDeclaration(
            "salt", .string(.text), .optional("the route's name"),
            "Makes this migration's buckets its own. The same salt gives the same buckets.",
            example: "2026-talkative"),
        OptionDeclaration(
            "cohorts", .list(.object(cohort, rules: []), minimum: 0), .defaults([]),
            "Groups with a percentage of their own."),
        OptionDeclaration(
            "anonymous", .choice(Migration.Side.allCases.map(\.rawValue)), .defaults("from"),
            "The side of anonymous visitors without a visitorId in \"live\"."),
        OptionDeclaration(
            "pin",
            .object(
                [
                    OptionDeclaration(
                        "to", pins, .optional("no customer"), "Customers who always get the new connection in \"live\"."
                    ),
                    OptionDeclaration(
                        "from", pins, .optional("no customer"),
                        "Customers who always get the old connection in \"live\"."),
                ], rules: []),
            .optional("no customer is pinned"), "Customers whose side is fixed."),
        OptionDeclaration(
            "fallbackAfter", .duration(vendorTime), duration(Migration.defaultFallback),
            "How long the new connection may take before the old one is handed out."),
    ]

    private static let cohort = [
        OptionDeclaration("name", .string(.name), .required, "The group's name.", example: "staff"),
        condition,
        OptionDeclaration("percent", .percentage, .required, "The group's own percentage.", example: 100),
    ]
}
