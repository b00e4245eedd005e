import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// What the gateway counts and times, and its text for Prometheus (docs/metrics.md).
///
/// Labels are names of the configuration and words of Signet's own. Nothing that a request brings becomes a label.
public final class GatewayMetrics: Sendable {
    /// The `Content-Type` of ``text()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    // MARK: Families

    private let requests = MetricFamily(
        counter: "signet_requests_total",
        "Requests answered. route is empty where the configuration has no such route.",
        ["route", "vendor", "status"])
    private let requestDurations = MetricFamily(
        "signet_request_duration_seconds", "From the request to its answer, vendor calls included.", ["route"],
        buckets: [500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000].map { $0 * 1000 } + seconds)
    private let rateLimited = MetricFamily(
        counter: "signet_rate_limited_total", "Requests refused because their caller was over its rate.", ["caller"])
    private let unreadMembers = MetricFamily(
        counter: "signet_unread_members_total",
        "Attributes and members of the context that a caller sent and nothing reads.", ["caller"])
    private let signings = MetricFamily(
        "signet_signing_duration_seconds", "Signing one identity.", ["vendor", "vendor_connection"],
        buckets: [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000].map { $0 * 1000 })
    private let deliveries = MetricFamily(
        "signet_delivery_duration_seconds", "Calling a vendor for one request, all tries together.",
        ["vendor_connection", "outcome"], buckets: [5, 10, 25, 50, 100, 250, 500].map { $0 * 1_000_000 } + seconds)
    private let vendorBusy = MetricFamily(
        counter: "signet_vendor_busy_total",
        "Requests refused because their connection had reached its limit of calls at once.",
        ["vendor_connection"])
    private let assigned = MetricFamily(
        counter: "signet_migration_assigned_total", "Requests by their side and its reason, answered or not.",
        ["route", "cohort", "side", "reason"])
    private let dryRuns = MetricFamily(
        counter: "signet_migration_shadow_total",
        "Dry runs for the new connection: consistent, inconsistent, skipped, or why it cannot sign.",
        ["route", "cohort", "result"])
    private let sideErrors = MetricFamily(
        counter: "signet_migration_errors_total",
        "Requests that a side could not answer; in stage live, from was asked instead of to.",
        ["route", "cohort", "side", "code"])
    private let sideDurations = MetricFamily(
        "signet_migration_duration_seconds",
        "How long a side took: signing, its vendor's calls, and in stage shadow the dry run.",
        ["route", "cohort", "side"],
        buckets: [50, 100, 250, 500, 1000, 5000, 25_000, 100_000, 250_000, 500_000].map { $0 * 1000 } + seconds)
    private let auditFailures = MetricFamily(
        counter: "signet_audit_failures_total",
        "Identities that were not handed out because they could not be recorded.", [])

    /// 1 to 30 s, the last buckets of most histograms.
    private static let seconds: [UInt64] = [1000, 2500, 5000, 10_000, 30_000].map { $0 * 1_000_000 }

    /// What gauges read; it changes seldom.
    private let state: Lock<State>

    private struct State {
        let version: String
        let start = NumericDate.now
        var circuits: [String: String] = [:]
        var callsInUse: @Sendable (_ connection: String) -> Int = { _ in 0 }
        var schedules: [String: SigningSchedule] = [:]
        var reloads = (succeeded: UInt64(0), failed: UInt64(0))
        var configuration: Configuration?
        var migrations: [Route] = []
        /// Families that other types count.
        var sources: [@Sendable (inout PrometheusText) -> Void] = []
    }

    private struct Configuration {
        let digest: String
        let time: NumericDate
        let counts: [(name: String, count: Int)]
    }

    /// Starts counting.
    ///
    /// - Parameter version: The release.
    public init(version: String) {
        state = Lock(State(version: version))
    }

    // MARK: Requests

    /// A request was answered.
    ///
    /// - Parameters:
    ///   - route: The route; nil if the configuration has no such route, or any caller could make series.
    ///   - vendor: The vendor it led to, if it did.
    ///   - status: The HTTP status; nil where the client did not get the whole answer.
    ///   - nanoseconds: From the request to the end of its answer.
    package func requestFinished(route: String?, vendor: String?, status: Int?, nanoseconds: UInt64) {
        requests.count(LabelValues(route ?? "", vendor ?? "", status.map(String.init) ?? ""))
        requestDurations.observe(LabelValues(route ?? ""), nanoseconds: nanoseconds)
    }

    /// An identity was signed.
    package func signed(vendor: String, connection: String, nanoseconds: UInt64) {
        signings.observe(LabelValues(vendor, connection), nanoseconds: nanoseconds)
    }

    /// A vendor was called, all tries together.
    ///
    /// - Parameter outcome: `delivered`, or the code of the problem.
    package func delivered(connection: String, outcome: String, nanoseconds: UInt64) {
        deliveries.observe(LabelValues(connection, outcome), nanoseconds: nanoseconds)
    }

    /// A vendor was not called: the connection had as many calls under way as it may have.
    package func busy(connection: String) {
        vendorBusy.count(LabelValues(connection))
    }

    /// A caller was over its rate.
    package func limited(caller: String) {
        rateLimited.count(LabelValues(caller))
    }

    /// A caller sent attributes and members of the context that nothing reads.
    func unread(caller: String, count: Int) {
        unreadMembers.count(LabelValues(caller), count)
    }

    /// An identity could not be recorded, and was not handed out.
    package func auditFailed() {
        auditFailures.count(LabelValues())
    }

    // MARK: Migrations

    /// A request belongs to a side.
    func migrationAssigned(route: String, _ decision: Migration.Decision) {
        assigned.count(LabelValues(route, decision.cohort ?? "", decision.side.rawValue, decision.reason.rawValue))
    }

    /// A side has answered, or failed.
    ///
    /// - Parameter code: The problem's code; nil for an answer.
    func migrationAnswered(route: String, _ decision: Migration.Decision, code: String?, nanoseconds: UInt64) {
        let (cohort, side) = (decision.cohort ?? "", decision.side.rawValue)
        if let code { sideErrors.count(LabelValues(route, cohort, side, code)) }
        sideDurations.observe(LabelValues(route, cohort, side), nanoseconds: nanoseconds)
    }

    /// A dry run for the new side was made, or skipped.
    ///
    /// - Parameter nanoseconds: How long it took; nil for a skipped one.
    func migrationDryRun(route: String, _ decision: Migration.Decision, result: String, nanoseconds: UInt64? = nil) {
        let cohort = decision.cohort ?? ""
        dryRuns.count(LabelValues(route, cohort, result))
        if let nanoseconds {
            sideDurations.observe(LabelValues(route, cohort, Migration.Side.to.rawValue), nanoseconds: nanoseconds)
        }
    }

    // MARK: State

    /// The routes that are in a migration.
    func migrations(_ table: RouteTable) {
        let migrating = table.routes.filter { $0.migration != nil }
        state.withLock { $0.migrations = migrating }
    }

    /// A connection's circuit breaker is in another state: `closed`, `half-open` or `open`.
    package func breaker(connection: String, state: String) {
        self.state.withLock { $0.circuits[connection] = state }
    }

    /// All circuit breakers, each with its state.
    package func circuits(_ states: [(connection: String, state: String)]) {
        state.withLock { state in
            state.circuits = Dictionary(states.map { ($0.connection, $0.state) }, uniquingKeysWith: { $1 })
        }
    }

    /// Reads at each scrape how many calls of a connection are under way, for every connection with a circuit breaker.
    func callsInUse(_ read: @escaping @Sendable (_ connection: String) -> Int) {
        state.withLock { $0.callsInUse = read }
    }

    /// All connections with a schedule of their keys.
    package func schedules(_ schedules: [(connection: String, schedule: SigningSchedule)]) {
        state.withLock { state in
            state.schedules = Dictionary(
                schedules.map { ($0.connection, $0.schedule) }, uniquingKeysWith: { $1 })
        }
    }

    /// A reload was tried.
    package func reloaded(succeeded: Bool) {
        state.withLock { state in
            if succeeded { state.reloads.succeeded += 1 } else { state.reloads.failed += 1 }
        }
    }

    /// A configuration is in force.
    ///
    /// - Parameters:
    ///   - digest: Tells configurations apart; hexadecimal.
    ///   - time: Since when.
    ///   - keyCount: How many keys it has.
    ///   - connectionCount: How many connections.
    ///   - routeCount: How many routes.
    package func configurationLoaded(
        digest: String, at time: NumericDate, keyCount: Int, connectionCount: Int, routeCount: Int
    ) {
        let counts = [("keys", keyCount), ("connections", connectionCount), ("routes", routeCount)]
        state.withLock { $0.configuration = Configuration(digest: digest, time: time, counts: counts) }
    }

    /// Adds a gauge that is read at each scrape: connections open, threads, memory.
    ///
    /// - Parameters:
    ///   - name: The whole name: `signet_connections_open`.
    ///   - help: What it means, in a line.
    ///   - value: Reads it; called by the thread that scrapes, and must not scrape itself.
    public func addGauge(_ name: String, help: String, value: @escaping @Sendable () -> Int64) {
        addSource { $0.gauge(name, help, [.init(value())]) }
    }

    /// Adds families that another type counts. `write` is called by the thread that scrapes.
    package func addSource(_ write: @escaping @Sendable (inout PrometheusText) -> Void) {
        state.withLock { $0.sources.append(write) }
    }

    // MARK: Text

    private typealias Sample = PrometheusText.Sample

    /// Everything, in Prometheus' text format 0.0.4.
    public func text() -> String {
        text(at: .now)
    }

    func text(at now: NumericDate) -> String {
        let state = state.withLock { $0 }
        var text = PrometheusText()
        text.gauge("signet_build_info", "The release that runs; always 1.", [Sample([("version", state.version)], 1)])
        text.gauge(
            "process_start_time_seconds", "When the process started, in Unix time.", [.init(state.start.seconds)])
        requests.write(to: &text, empty: "aborted")
        requestDurations.write(to: &text)
        for family in [rateLimited, unreadMembers] { family.write(to: &text) }
        for family in [signings, deliveries] { family.write(to: &text) }
        writeVendors(state, to: &text)
        writeKeys(state, at: now, to: &text)
        writeConfiguration(state, at: now, to: &text)
        if !state.migrations.isEmpty || !assigned.isEmpty {
            writeMigrations(state, to: &text)
            for family in [assigned, dryRuns, sideErrors] { family.write(to: &text) }
            sideDurations.write(to: &text)
        }
        auditFailures.write(to: &text, always: [LabelValues()])
        for write in state.sources { write(&text) }
        return text.text
    }

    private func writeVendors(_ state: State, to text: inout PrometheusText) {
        let called = state.circuits.sorted { $0.key < $1.key }
        text.gauge(
            "signet_vendor_calls_in_use", "Calls in progress, by connection.",
            called.map { Sample([("vendor_connection", $0.key)], state.callsInUse($0.key)) })
        vendorBusy.write(to: &text, always: called.map { LabelValues($0.key) })
        text.gauge(
            "signet_vendor_circuit_state", "1 for the state that a connection's circuit breaker is in.",
            called.flatMap { connection, current in
                [CircuitState.closed, .halfOpen, .open].map(\.rawValue).map { state in
                    Sample([("vendor_connection", connection), ("state", state)], state == current ? 1 : 0)
                }
            })
    }

    private func writeKeys(_ state: State, at now: NumericDate, to text: inout PrometheusText) {
        let schedules = state.schedules.sorted { $0.key < $1.key }
        text.gauge(
            "signet_signing_key_info", "The key that signs for a connection now; always 1.",
            schedules.compactMap { connection, schedule in
                schedule.key(at: now).map { Sample([("vendor_connection", connection), ("key", $0)], 1) }
            })
        text.gauge(
            "signet_signing_ends_timestamp_seconds",
            "When a connection is first without a signing key, in Unix time; absent if it never is.",
            schedules.compactMap { connection, schedule in
                schedule.gap(from: now).map { Sample([("vendor_connection", connection)], max(0, $0.start.seconds)) }
            })
    }

    private func writeConfiguration(_ state: State, at now: NumericDate, to text: inout PrometheusText) {
        text.family("signet_config_reloads_total", .counter, "Reloads tried, by their result.")
        text.sample("signet_config_reloads_total", [("result", "success")], state.reloads.succeeded)
        text.sample("signet_config_reloads_total", [("result", "failure")], state.reloads.failed)
        guard let configuration = state.configuration else { return }
        text.gauge(
            "signet_config_info", "The configuration in force; always 1.",
            [Sample([("digest", configuration.digest)], 1)])
        text.gauge(
            "signet_config_loaded_timestamp_seconds", "When it was put in force, in Unix time.",
            [.init(configuration.time.seconds)])
        text.gauge(
            "signet_config_age_seconds", "How long it has been in force.",
            [.init(max(0, now.seconds - configuration.time.seconds))])
        for (name, count) in configuration.counts {
            text.gauge("signet_config_\(name)", "How many \(name) it has.", [.init(count)])
        }
    }

    private func writeMigrations(_ state: State, to text: inout PrometheusText) {
        text.gauge(
            "signet_migration_stage", "1 for the stage that a migration is at.",
            state.migrations.flatMap { route in
                Migration.Stage.allCases.map { stage in
                    Sample([("route", route.name), ("stage", stage.rawValue)], stage == route.migration?.stage ? 1 : 0)
                }
            })
        text.gauge(
            "signet_migration_thousandths",
            "The share of a route or cohort in thousandths of a percent, as far as the stage lets it count.",
            state.migrations.flatMap { route in
                (route.migration?.effectiveShares ?? []).map { cohort, share in
                    Sample([("route", route.name), ("cohort", cohort)], share.thousandths)
                }
            })
    }
}

extension Migration {
    /// The share of the route and of each cohort, as it counts in this stage.
    fileprivate var effectiveShares: [(cohort: String, share: Percentage)] {
        ([("", percent)] + cohorts.map { ($0.name, $0.percent) }).map { cohort, percent in
            switch stage {
            case .off, .shadow: (cohort, .none)
            case .live: (cohort, percent)
            case .rampdown, .complete: (cohort, .all)
            }
        }
    }
}
