import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// What the gateway counts and times, and its text for Prometheus (docs/metrics.md).
///
/// Labels are names of the configuration and short words of our own; nothing that a request brings becomes one.
public final class GatewayMetrics: Sendable {
    /// The `Content-Type` of ``text()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    // Threads count apart from each other, so that a request hardly ever waits for another.
    private let stripes: [Lock<MetricsStripe>]
    let state: Lock<MetricsState>

    /// Starts counting.
    ///
    /// - Parameter version: The release.
    public init(version: String) {
        stripes = (0..<16).map { _ in Lock(MetricsStripe()) }
        state = Lock(MetricsState(version: version, start: .now))
    }

    // MARK: Requests

    /// A request was answered.
    ///
    /// - Parameters:
    ///   - route: The route, if it is one of the configuration: nil otherwise, or any caller could make series.
    ///   - vendor: The vendor it led to, if it did.
    ///   - status: The HTTP status; nil where the client did not get the whole answer.
    ///   - nanoseconds: From the request to the end of its answer.
    public func requestFinished(route: String?, vendor: String?, status: Int?, nanoseconds: UInt64) {
        count { stripe in
            let key = MetricsStripe.Request(route: route ?? "", vendor: vendor ?? "", status: status ?? 0)
            stripe.requests[key, default: 0] &+= 1
            stripe.requestDurations[key.route, default: .request].observe(nanoseconds)
        }
    }

    /// An identity was signed.
    public func signed(vendor: String, connection: String, nanoseconds: UInt64) {
        count { stripe in
            let key = MetricsStripe.Signing(vendor: vendor, connection: connection)
            stripe.signings[key, default: .signing].observe(nanoseconds)
        }
    }

    /// A vendor was called, all tries together.
    ///
    /// - Parameter outcome: `delivered`, or the code of the problem.
    public func delivered(connection: String, outcome: String, nanoseconds: UInt64) {
        count { stripe in
            let key = MetricsStripe.Delivery(connection: connection, outcome: outcome)
            stripe.deliveries[key, default: .delivery].observe(nanoseconds)
        }
    }

    /// A vendor was not called: the connection had as many calls under way as it may have.
    public func busy(connection: String) {
        count { $0.busy[connection, default: 0] &+= 1 }
    }

    /// A caller was over its rate.
    public func limited(caller: String) {
        count { $0.limited[caller, default: 0] &+= 1 }
    }

    /// A caller sent attributes and members of the context that nothing reads.
    func unread(caller: String, count: Int) {
        self.count { $0.unread[caller, default: 0] &+= UInt64(count) }
    }

    func count(_ body: (inout MetricsStripe) -> Void) {
        #if canImport(Darwin)
            let thread = UInt(bitPattern: pthread_self())
        #else
            let thread = UInt(pthread_self())
        #endif
        // Fibonacci hashing: thread identities are addresses that differ in their middle bits.
        stripes[Int((thread &* 0x9E37_79B9_7F4A_7C15) >> 60)].withLock(body)
    }

    // MARK: State

    /// A connection's circuit breaker is in another state: `closed`, `half-open` or `open`.
    public func breaker(connection: String, state: String) {
        self.state.withLock { $0.breakers[connection] = state }
    }

    /// These circuit breakers there are, each in this state, and no others.
    public func circuits(_ states: [(connection: String, state: String)]) {
        self.state.withLock { state in
            state.breakers = Dictionary(states.map { ($0.connection, $0.state) }, uniquingKeysWith: { $1 })
        }
    }

    /// Reads at each scrape how many calls of a connection are under way, for every connection that has a circuit breaker.
    func callsInUse(_ read: @escaping @Sendable (_ connection: String) -> Int) {
        state.withLock { $0.callsInUse = read }
    }

    /// These connections there are, each with what says which of its keys signs when, and no others.
    public func schedules(_ schedules: [(connection: String, schedule: SigningSchedule)]) {
        state.withLock { state in
            state.schedules = Dictionary(
                schedules.map { ($0.connection, $0.schedule) }, uniquingKeysWith: { $1 })
        }
    }

    /// A reload was tried.
    public func reloaded(succeeded: Bool) {
        state.withLock { state in
            if succeeded { state.reloads += 1 } else { state.failedReloads += 1 }
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
    public func configurationLoaded(
        digest: String, at time: NumericDate, keyCount: Int, connectionCount: Int, routeCount: Int
    ) {
        state.withLock { state in
            state.configuration = MetricsState.Configuration(
                digest: digest, time: time, keys: keyCount, connections: connectionCount, routes: routeCount)
        }
    }

    /// An identity could not be recorded, and was not handed out.
    public func auditFailed() {
        state.withLock { $0.auditFailures += 1 }
    }

    /// Adds a gauge that is read at each scrape: connections open, threads, memory.
    ///
    /// - Parameters:
    ///   - name: The whole name: `signet_connections_open`.
    ///   - help: What it means, in a line.
    ///   - value: Reads it; called by the thread that scrapes, and must not scrape itself.
    public func addGauge(_ name: String, help: String, value: @escaping @Sendable () -> Int64) {
        addSource { text in
            text.family(name, .gauge, help)
            text.sample(name, [], value())
        }
    }

    /// Adds families that something else counts. `write` is called by the thread that scrapes.
    package func addSource(_ write: @escaping @Sendable (inout PrometheusText) -> Void) {
        state.withLock { $0.sources.append(write) }
    }

    // MARK: Text

    /// Everything, in Prometheus' text format 0.0.4.
    public func text() -> String {
        text(at: .now)
    }

    func text(at now: NumericDate) -> String {
        var sum = MetricsStripe()
        for stripe in stripes { sum.add(stripe.withLock { $0 }) }
        return MetricsText.text(of: sum, state.withLock { $0 }, at: now)
    }
}
