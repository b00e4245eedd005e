import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Lines on their way to the audit file.
///
/// One thread at a time has the turn and uses the writer: a thread that serves connections for one line, or the file's own thread for a
/// batch. So no lock is held during a write, and no thread that serves connections waits for a disk.
final class AuditQueue: Sendable {
    /// A line that waits for the file's thread.
    private struct Waiting {
        let members: [UInt8]
        let continuation: CheckedContinuation<SignetError?, Never>
    }

    private struct State {
        var isTaken = false
        /// Whether it is the file's thread that has the turn.
        var isBatch = false
        /// Since when.
        var takenSince = MonotonicTime(nanoseconds: 0)
        /// Whether the last write took so long that the thread makes the next one.
        var isSlow = false
        var waiting: [Waiting] = []
        var position: AuditWriter.Position
        /// Why nothing can be recorded, and since when.
        var fault: (error: SignetError, since: MonotonicTime)?
        /// Whether the file is to be reopened.
        var isReopenAsked = false
        /// When the thread looks after the file again.
        var nextLook: MonotonicTime
        var isStopping = false
        var hasEnded = false
    }

    /// What the thread does next.
    private enum Step {
        case write([Waiting])
        case refuse([Waiting], SignetError)
        case look(isAsked: Bool)
        case end
    }

    /// How long a write may take before the thread makes the next one.
    private static let slow: UInt64 = 5_000_000
    /// How often a thread that serves connections looks again while another one writes a line.
    private static let tries = 100

    private let writer: AuditWriter
    private let durability: AuditDurability
    private let system: AuditSystem
    private let onEvent: @Sendable (AuditFile.Event) -> Void
    private let state: ConditionLock<State>

    init(
        _ writer: AuditWriter, durability: AuditDurability, system: AuditSystem,
        onEvent: @escaping @Sendable (AuditFile.Event) -> Void
    ) {
        self.writer = writer
        self.durability = durability
        self.system = system
        self.onEvent = onEvent
        state = ConditionLock(
            State(position: writer.position, nextLook: .now.advanced(byMilliseconds: system.lookInterval)))
    }

    var head: AuditHead? {
        writer.head(at: state.withLock { $0.position })
    }

    var failedSince: MonotonicTime? {
        state.withLock { $0.fault?.since ?? (isHanging($0) ? $0.takenSince : nil) }
    }

    private func isHanging(_ state: State) -> Bool {
        state.isTaken && MonotonicTime.now.nanoseconds(since: state.takenSince) >= system.hangLimit * 1_000_000
    }

    var waitingCount: Int {
        state.withLock { $0.waiting.count }
    }

    // MARK: Threads that serve connections

    /// Appends a line if no other thread has the turn; false where the line has to wait.
    func appendAtOnce(_ members: UnsafeRawBufferPointer) throws(SignetError) -> Bool {
        guard try takeTurn() else { return false }
        let start = MonotonicTime.now
        do throws(SignetError) {
            try writer.append(members)
        } catch {
            fail(error)
            endTurn(since: start, isWrite: true)
            throw error
        }
        endTurn(since: start, isWrite: true)
        return true
    }

    private func takeTurn() throws(SignetError) -> Bool {
        for _ in 0..<Self.tries {
            let isTaken = try state.withLock { state throws(SignetError) -> Bool? in
                try check(state)
                guard durability == .process, state.waiting.isEmpty, !state.isBatch, !state.isSlow else { return false }
                guard !state.isTaken else { return nil }
                state.isTaken = true
                state.takenSince = .now
                return true
            }
            if let isTaken { return isTaken }
            // One line is written in microseconds.
            sched_yield()
        }
        return false
    }

    private func check(_ state: State) throws(SignetError) {
        if let fault = state.fault { throw fault.error }
        guard !state.isStopping else { throw SignetError(audit: "the audit file is closed") }
        guard !isHanging(state) else { throw SignetError(audit: "the audit file's disk does not answer") }
        guard state.waiting.count < system.waitingLimit else {
            throw SignetError(audit: "too many lines wait for the audit file's disk")
        }
    }

    /// - Parameter isWrite: Whether lines were written: how long that took decides about the next ones.
    private func endTurn(since start: MonotonicTime, isWrite: Bool) {
        let now = MonotonicTime.now
        let isWanted = state.withLock { state in
            state.isTaken = false
            state.isBatch = false
            if isWrite { state.isSlow = now.nanoseconds(since: start) >= Self.slow }
            state.position = writer.position
            return !state.waiting.isEmpty || state.isReopenAsked || state.isStopping || state.nextLook < now
        }
        if isWanted { state.signal() }
    }

    /// From now on everything is refused.
    private func fail(_ error: SignetError) {
        let isFirst = state.withLock { state in
            defer { state.fault = (error, state.fault?.since ?? .now) }
            return state.fault == nil
        }
        if isFirst { onEvent(.failed(error)) }
    }

    /// Has the thread write a line; tells at once where nothing can be recorded.
    func add(_ members: [UInt8], _ continuation: CheckedContinuation<SignetError?, Never>) {
        let refusal = state.withLock { state -> SignetError? in
            do throws(SignetError) {
                try check(state)
            } catch {
                return error
            }
            state.waiting.append(Waiting(members: members, continuation: continuation))
            return nil
        }
        if let refusal { continuation.resume(returning: refusal) } else { state.signal() }
    }

    func reopen() {
        state.withLock { $0.isReopenAsked = true }
        state.signal()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        state.signal()
    }

    func waitForEnd(milliseconds: Int64) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.hasEnded ? true : nil } ?? false
    }

    // MARK: The file's thread

    /// Writes batches and looks after the file, until the end.
    func run() {
        while true {
            switch nextStep() {
            case .write(let batch): write(batch)
            case .refuse(let batch, let error):
                endTurn(since: .now, isWrite: false)
                for waiting in batch { waiting.continuation.resume(returning: error) }
            case .look(let isAsked): look(isAsked)
            case .end:
                // Whatever the durability: this is the last chance.
                try? writer.synchronise()
                state.withLock { $0.hasEnded = true }
                state.signal()
                return
            case nil: break
            }
        }
    }

    /// Waits for something to do and takes the turn for it; nil now and then.
    private func nextStep() -> Step? {
        let now = MonotonicTime.now
        let pause = state.withLock { $0.isTaken ? 1_000 : now.milliseconds(until: $0.nextLook) + 1 }
        return state.wait(milliseconds: pause) { state in
            guard !state.isTaken else { return nil }
            let step = Self.step(&state)
            guard step != nil else { return nil }
            state.isTaken = true
            state.isBatch = true
            state.takenSince = .now
            return step
        }
    }

    private static func step(_ state: inout State) -> Step? {
        if state.isReopenAsked || state.nextLook <= .now {
            defer { state.isReopenAsked = false }
            return .look(isAsked: state.isReopenAsked)
        }
        if let fault = state.fault, !state.waiting.isEmpty {
            defer { state.waiting = [] }
            return .refuse(state.waiting, fault.error)
        }
        if !state.waiting.isEmpty {
            let batch = Array(state.waiting.prefix(AuditFile.batchLimit))
            state.waiting.removeFirst(batch.count)
            return .write(batch)
        }
        return state.isStopping ? .end : nil
    }

    private func write(_ batch: [Waiting]) {
        let start = MonotonicTime.now
        var failure: SignetError?
        do throws(SignetError) {
            try writer.append(batch.map(\.members))
        } catch {
            failure = error
            fail(error)
            // A disk that is full is tried again in a second, a file that was closed at once.
            if !writer.isOpen { _ = recover() }
        }
        endTurn(since: start, isWrite: true)
        for waiting in batch { waiting.continuation.resume(returning: failure) }
    }

    /// Recovers from a failure, or goes on in a new file where the one in use was moved away or removed.
    private func look(_ isAsked: Bool) {
        let start = MonotonicTime.now
        let isFailed = state.withLock { state in
            state.nextLook = start.advanced(byMilliseconds: system.lookInterval)
            return state.fault != nil
        }
        do throws(SignetError) {
            let isNew = isFailed ? try recover().get() : try writer.rotate()
            if isNew || isAsked { onEvent(.reopened(writer.head(at: writer.position), isAsked: isAsked)) }
        } catch {
            if isAsked || !isFailed { onEvent(.reopenFailed(error, isAsked: isAsked)) }
            if !isFailed, writer.isNameless { fail(error) }
        }
        endTurn(since: start, isWrite: false)
    }

    /// Tries to make the file fit for use again; the result says whether it is another file.
    private func recover() -> Result<Bool, SignetError> {
        do throws(SignetError) {
            let recovery = try writer.recover()
            state.withLock { $0.fault = nil }
            onEvent(.resumed(refused: recovery.refused))
            return .success(recovery.isNewFile)
        } catch {
            fail(error)
            return .failure(error)
        }
    }
}
