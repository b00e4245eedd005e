import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Dry runs for the new connection of a migration in stage `shadow`: in the background, one after the other. When more
/// requests come than can be tried, the rest is skipped and counted.
final class ShadowQueue: Sendable {
    /// One request to try.
    struct Job: Sendable {
        let route: String
        let migration: Migration
        let decision: Migration.Decision
        let request: SigningRequest
        let requestID: String
        let router: Router
    }

    /// The result of a dry run that did not fail.
    enum Result: String, Sendable {
        /// The new vendor gets everything that the old vendor gets.
        case consistent
        /// Something of this customer reaches the old vendor only.
        case inconsistent
        /// Too many jobs were waiting.
        case skipped
    }

    private struct State {
        var jobs: [Job] = []
        var isRunning = false
    }

    /// How many jobs wait, at most: the work of some tenths of a second.
    static let capacity = 1024

    private let metrics: GatewayMetrics
    private let state = Lock(State())

    init(metrics: GatewayMetrics) {
        self.metrics = metrics
    }

    var isRunning: Bool { state.withLock { $0.isRunning } }

    func add(_ job: Job) {
        enum Turn { case waits, begins, isSkipped }
        let turn = state.withLock { state -> Turn in
            guard state.jobs.count < Self.capacity else { return .isSkipped }
            state.jobs.append(job)
            defer { state.isRunning = true }
            return state.isRunning ? .waits : .begins
        }
        switch turn {
        case .waits: return
        case .isSkipped: metrics.migrationDryRun(route: job.route, job.decision, result: Result.skipped.rawValue)
        case .begins: Task.detached(priority: .background) { await self.run() }
        }
    }

    private func run() async {
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                state.isRunning = !state.jobs.isEmpty
                return state.jobs
            }
            guard !jobs.isEmpty else { return }
            for job in jobs {
                run(job)
                // Requests that wait for a vendor go on in between.
                await Task.yield()
            }
        }
    }

    private func run(_ job: Job) {
        let start = MonotonicTime.now
        metrics.migrationDryRun(
            route: job.route, job.decision, result: job.result(),
            nanoseconds: MonotonicTime.now.nanoseconds(since: start))
    }
}

extension ShadowQueue.Job {
    /// Tries the new connection. Returns the result, or the code of the error.
    func result() -> String {
        do {
            let new = try router.connection(migration.to)
            try new.dryRun(request, in: SigningContext(requestID: requestID, route: route))
            let old = try router.connection(migration.from)
            return (isConsistent(old, new) ? ShadowQueue.Result.consistent : .inconsistent).rawValue
        } catch let error as any CodedError {
            return error.code
        } catch {
            return "failed"
        }
    }

    /// Whether the new vendor gets everything of this customer that the old vendor gets.
    private func isConsistent(_ old: VendorConnection, _ new: VendorConnection) -> Bool {
        guard case .customer(let customer) = request.identity else { return true }
        return !old.sources(unseenBy: new).contains { $0.isPresent(in: customer) }
    }
}

extension Gateway {
    /// Whether a dry run is under way.
    package var isDryRunning: Bool { shadow.isRunning }
}
