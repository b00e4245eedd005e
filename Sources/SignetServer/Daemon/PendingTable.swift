import SignetIdentity
import SignetJOSE

/// The suspended requests of a daemon.
///
/// A daemon that is stopped with a suspended connection ends the process, and one that is freed while a resuming call has not
/// returned is used after that. So two holds are taken for every suspension, one left by whoever resumes and one by the daemon's
/// thread when the request goes on, and the daemon is stopped when there is none.
final class PendingTable: Sendable {
    private struct State {
        var isClosed = false
        var holds = 0
        var waiting: [ObjectIdentifier: PendingAnswer] = [:]
    }

    private let state = Lock(State())

    /// Announces a suspension: false when there shall be none any more.
    func reserve() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.holds += 2
            return true
        }
    }

    /// Takes in what is suspended now: false when it must be abandoned at once.
    func insert(_ answer: PendingAnswer) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting[ObjectIdentifier(answer)] = answer
            return true
        }
    }

    func remove(_ answer: PendingAnswer) {
        state.withLock { _ = $0.waiting.removeValue(forKey: ObjectIdentifier(answer)) }
    }

    func leave() {
        state.withLock { $0.holds -= 1 }
    }

    /// Whether nothing is suspended, nor being resumed.
    var isEmpty: Bool { state.withLock { $0.holds == 0 } }

    /// What has waited for as long as it may.
    func overdue(at now: MonotonicTime) -> [PendingAnswer] {
        state.withLock { state in state.waiting.values.filter { $0.deadline <= now } }
    }

    /// Lets nothing in any more, and gives what still waits.
    func close() -> [PendingAnswer] {
        state.withLock { state in
            state.isClosed = true
            return Array(state.waiting.values)
        }
    }
}
