import SignetIdentity
import SignetJOSE
import SignetRouting

/// A backend that may ask.
public struct Caller: Sendable {
    /// The caller's name.
    public let name: String
    /// SHA-256 digests of its tokens; several while a token is rolled.
    public let tokenDigests: [[UInt8]]
    /// The routes it may use, as patterns: `*` stands for any characters.
    public let routes: [String]
    /// What it may ask for.
    public let rights: Set<CallerRight>
    /// How often it may ask; nil for no limit.
    public let rate: RateLimit?
    /// `routes`, parted into names and patterns: there may be thousands of names.
    private let names: Set<String>
    private let patterns: [String]

    /// Makes a caller.
    public init(
        name: String, tokenDigests: [[UInt8]], routes: [String], rights: Set<CallerRight> = [.badge],
        rate: RateLimit? = nil
    ) {
        self.name = name
        self.tokenDigests = tokenDigests
        self.routes = routes
        self.rights = rights
        self.rate = rate
        patterns = routes.filter { $0.utf8.contains(UInt8(ascii: "*")) }
        names = Set(routes).subtracting(patterns)
    }

    /// Makes a caller of its checked entry in the configuration.
    init(_ node: JSONNode) {
        let values = OptionValues(node, declared: ConfigurationDeclaration.caller)
        self.init(
            name: values.text("name"),
            tokenDigests: (values.strings("tokenSha256") ?? []).compactMap(Hexadecimal.decode),
            routes: values.strings("routes") ?? [],
            rights: Set((values.strings("allow") ?? []).compactMap(CallerRight.init)),
            rate: node.member("rate").map { rate in
                let values = OptionValues(rate.value, declared: ConfigurationDeclaration.rate)
                return RateLimit(
                    perSecond: Int(values.integer("perSecond") ?? 1), burst: Int(values.integer("burst") ?? 1))
            })
    }

    /// Whether it may use a route of this name. The route need not exist.
    package func mayUse(_ route: String) -> Bool {
        names.contains(route) || patterns.contains { Glob.matches(route, pattern: $0) }
    }
}

/// What a caller may ask for.
public enum CallerRight: String, Sendable, CaseIterable {
    /// A badge, for a page and its widget.
    case badge
    /// The signed identity with its token, for a backend that delivers it itself.
    case sign
}

/// How often a caller may ask: a bucket that holds `burst` requests and gains `perSecond`.
public struct RateLimit: Sendable, Hashable {
    /// Requests a second in the long run.
    public let perSecond: Int
    /// Requests at once.
    public let burst: Int

    /// Makes a limit; both numbers are at least 1.
    public init(perSecond: Int, burst: Int) {
        self.perSecond = max(1, perSecond)
        self.burst = max(1, burst)
    }
}
