/// What some of the threads have counted. Everything is summed up when it is read.
struct MetricsStripe: Sendable {
    struct Request: Hashable, Sendable {
        var route: String
        var vendor: String
        var status: Int
    }

    struct Signing: Hashable, Sendable {
        var vendor: String
        var connection: String
    }

    struct Delivery: Hashable, Sendable {
        var connection: String
        var outcome: String
    }

    var requests: [Request: UInt64] = [:]
    var requestDurations: [String: Histogram] = [:]
    var signings: [Signing: Histogram] = [:]
    var deliveries: [Delivery: Histogram] = [:]
    var limited: [String: UInt64] = [:]
    var busy: [String: UInt64] = [:]
    var unread: [String: UInt64] = [:]
    var migrations = MigrationCounts()

    mutating func add(_ other: MetricsStripe) {
        requests.merge(other.requests, uniquingKeysWith: &+)
        limited.merge(other.limited, uniquingKeysWith: &+)
        busy.merge(other.busy, uniquingKeysWith: &+)
        unread.merge(other.unread, uniquingKeysWith: &+)
        migrations.add(other.migrations)
        requestDurations.merge(other.requestDurations, uniquingKeysWith: Self.sum)
        signings.merge(other.signings, uniquingKeysWith: Self.sum)
        deliveries.merge(other.deliveries, uniquingKeysWith: Self.sum)
    }

    static func sum(_ left: Histogram, _ right: Histogram) -> Histogram {
        var sum = left
        sum.add(right)
        return sum
    }
}
