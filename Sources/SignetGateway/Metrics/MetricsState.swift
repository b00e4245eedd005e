import SignetConfiguration
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

    var version: String
    var start: NumericDate
    var breakers: [String: String] = [:]
    /// How many calls of a connection are under way.
    var callsInUse: @Sendable (_ connection: String) -> Int = { _ in 0 }
    var schedules: [String: SigningSchedule] = [:]
    var reloads: UInt64 = 0
    var failedReloads: UInt64 = 0
    var configuration: Configuration?
    var auditFailures: UInt64 = 0
    /// What writes the families that are counted elsewhere.
    var sources: [@Sendable (inout PrometheusText) -> Void] = []
    /// The routes that are in a move.
    var migrations: [Route] = []
}
