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
    /// How often it may ask; nil for as often as it likes.
    public let rate: RateLimit?

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
    }

    /// Takes one from the configuration.
    init(_ entry: GatewaySettings.CallerEntry) {
        self.init(
            name: entry.name, tokenDigests: entry.tokenDigests, routes: entry.routes,
            rights: Set(entry.allow.compactMap(CallerRight.init)),
            rate: entry.rate.map { RateLimit(perSecond: $0.perSecond, burst: $0.burst) })
    }

    /// Whether it may use a route of this name, there or not.
    func mayUse(_ route: String) -> Bool {
        routes.contains { Glob.matches(route, pattern: $0) }
    }
}

/// All callers, found by what they present.
struct CallerTable: Sendable {
    let callers: [Caller]

    /// The caller whose token this is. Every digest is compared, in constant time, whichever is the right one.
    func caller(presenting token: String) -> Caller? {
        var token = token
        var presented = [UInt8](repeating: 0, count: SHA256.length)
        let digested = token.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0), into: &presented) }
        guard digested else { return nil }
        var found: Caller?
        for caller in callers {
            for digest in caller.tokenDigests where presented.hasSameBytesInConstantTime(as: digest) { found = caller }
        }
        return found
    }
}

extension [UInt8] {
    fileprivate func hasSameBytesInConstantTime(as other: [UInt8]) -> Bool {
        withUnsafeBytes { own in other.withUnsafeBytes { Memory.equalInConstantTime(own, $0) } }
    }
}
