import SignetIdentity
import SignetRouting

/// What changes seldom.
struct MetricsState: Sendable {
    struct Configuration: Sendable {
        var digest: String
        var time: NumericDate
        var keys: Int
        var connections: Int
        var routes: Int
    }

    struct Gauge: Sendable {
        var name: String
        var help: String
        var value: @Sendable () -> Int64
    }

    var version: String
    var start: NumericDate
    var breakers: [String: String] = [:]
    var schedules: [String: SigningSchedule] = [:]
    var reloads: UInt64 = 0
    var failedReloads: UInt64 = 0
    var configuration: Configuration?
    var auditFailures: UInt64 = 0
    var gauges: [Gauge] = []
    /// The routes that are in a move.
    var migrations: [Route] = []
}
