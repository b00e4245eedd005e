import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// The token bucket of one caller. A request costs some nanoseconds of refilling, so nothing is ever rounded.
struct TokenBucket: Sendable {
    let limit: RateLimit
    /// The level, in nanoseconds of refilling.
    private var level: UInt64
    private var updated: MonotonicTime

    init(_ limit: RateLimit, at now: MonotonicTime) {
        self.limit = limit
        level = Self.capacity(of: limit)
        updated = now
    }

    private static func cost(of limit: RateLimit) -> UInt64 { 1_000_000_000 / UInt64(limit.perSecond) }
    private static func capacity(of limit: RateLimit) -> UInt64 { cost(of: limit) * UInt64(limit.burst) }

    /// Takes a request out; or returns after how many seconds there is one, rounded up.
    mutating func take(at now: MonotonicTime) -> Int? {
        level = min(Self.capacity(of: limit), level + now.nanoseconds(since: updated))
        updated = max(updated, now)
        let cost = Self.cost(of: limit)
        guard level < cost else {
            level -= cost
            return nil
        }
        return Int((cost - level + 999_999_999) / 1_000_000_000)
    }
}

/// The token buckets of all callers. A reload does not refill them.
final class RateLimiter: Sendable {
    private let buckets = Lock<[String: Lock<TokenBucket>]>([:])

    /// Takes a request of a caller; or returns after how many seconds to ask again.
    func take(_ caller: Caller, at now: MonotonicTime = .now) -> Int? {
        guard let limit = caller.rate else { return nil }
        let bucket = buckets.withLock { buckets -> Lock<TokenBucket> in
            if let known = buckets[caller.name], known.withLock({ $0.limit }) == limit { return known }
            let new = Lock(TokenBucket(limit, at: now))
            buckets[caller.name] = new
            return new
        }
        return bucket.withLock { $0.take(at: now) }
    }
}
