import SignetConfiguration
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

    /// Makes a caller of the configuration.
    init(_ entry: GatewaySettings.CallerEntry) {
        self.init(
            name: entry.name, tokenDigests: entry.tokenDigests, routes: entry.routes,
            rights: Set(entry.allow.compactMap(CallerRight.init)),
            rate: entry.rate.map { RateLimit(perSecond: $0.perSecond, burst: $0.burst) })
    }

    /// Whether it may use a route of this name. The route need not exist.
    func mayUse(_ route: String) -> Bool {
        names.contains(route) || patterns.contains { Glob.matches(route, pattern: $0) }
    }
}

/// All callers by the SHA-256 digests of their tokens.
///
/// The search need not take constant time: its time depends on a digest. An attacker can neither choose a token by its digest's
/// bytes nor find a token of full entropy by its digest. SECURITY.md has the argument.
struct CallerTable: Sendable {
    private let byDigest: [[UInt8]: Caller]

    init(_ callers: [Caller]) {
        let all = callers.flatMap { caller in caller.tokenDigests.map { ($0, caller) } }
        byDigest = Dictionary(all) { $1 }
    }

    /// The caller whose token this is.
    func caller(presenting token: String) -> Caller? {
        var token = token
        var presented = [UInt8](repeating: 0, count: SHA256.length)
        let digested = token.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0), into: &presented) }
        return digested ? byDigest[presented] : nil
    }
}

/// What a caller may ask for.
public enum CallerRight: String, Sendable, CaseIterable {
    /// A badge, for a page and its widget.
    case badge
    /// The signed identity with its token, for a backend that delivers it itself.
    case sign
}
