import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Rehearses for the new connection of a move what the old one has signed: aside, one after the other, and never in the way.
/// Where more comes in than can be rehearsed, the rest is left out and counted.
final class ShadowQueue: Sendable {
    /// One request to be rehearsed.
    struct Job: Sendable {
        let route: String
        let migration: Migration
        let decision: Migration.Decision
        let request: SigningRequest
        let requestID: String
        let router: Router
    }

    /// What came of a rehearsal that signed what its vendor takes.
    enum Result: String, Sendable {
        /// Everything the old vendor gets to see, the new one does too.
        case consistent
        /// Something of this customer reaches the old vendor alone.
        case inconsistent
        /// There was no time.
        case skipped
    }

    private struct State {
        var jobs: [Job] = []
        var isAtWork = false
    }

    /// Jobs that wait, at most: some tenths of a second's worth.
    static let capacity = 1024

    private let metrics: GatewayMetrics
    private let state = Lock(State())

    init(metrics: GatewayMetrics) {
        self.metrics = metrics
    }

    var isAtWork: Bool { state.withLock { $0.isAtWork } }

    func add(_ job: Job) {
        enum Turn { case waits, begins, isLeftOut }
        let turn = state.withLock { state -> Turn in
            guard state.jobs.count < Self.capacity else { return .isLeftOut }
            state.jobs.append(job)
            defer { state.isAtWork = true }
            return state.isAtWork ? .waits : .begins
        }
        switch turn {
        case .waits: return
        case .isLeftOut: metrics.migrationRehearsed(route: job.route, job.decision, result: Result.skipped.rawValue)
        case .begins: Task.detached(priority: .background) { await self.work() }
        }
    }

    private func work() async {
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                state.isAtWork = !state.jobs.isEmpty
                return state.jobs
            }
            guard !jobs.isEmpty else { return }
            for job in jobs {
                rehearse(job)
                // Requests that wait for a vendor go on in between.
                await Task.yield()
            }
        }
    }

    private func rehearse(_ job: Job) {
        let start = MonotonicTime.now
        metrics.migrationRehearsed(
            route: job.route, job.decision, result: job.result(),
            nanoseconds: MonotonicTime.now.nanoseconds(since: start))
    }
}

extension ShadowQueue.Job {
    /// Signs for the new connection, and tells what came of it: the code of an error where it did not work.
    func result() -> String {
        do {
            let new = try router.connection(migration.to)
            try new.dryRun(request, requestID: requestID, route: route)
            let old = try router.connection(migration.from)
            return (isConsistent(old, new) ? ShadowQueue.Result.consistent : .inconsistent).rawValue
        } catch let error as any CodedError {
            return error.code
        } catch {
            return "failed"
        }
    }

    /// Whether the new vendor gets to see of this customer whatever the old one does.
    private func isConsistent(_ old: VendorConnection, _ new: VendorConnection) -> Bool {
        guard case .customer(let customer) = request.identity else { return true }
        return !old.sources(unseenBy: new).contains { $0.isPresent(in: customer) }
    }
}

extension Gateway {
    /// Whether something is being rehearsed for the new connection of a move.
    package var isRehearsing: Bool { shadow.isAtWork }
}
