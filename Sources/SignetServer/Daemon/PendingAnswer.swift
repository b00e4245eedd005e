import CMicroHTTPD
import SignetGateway
import SignetIdentity
import SignetJOSE

/// The answer to a suspended request, given by whoever is first: the task that waits for a vendor, or whoever ends the waiting.
final class PendingAnswer: @unchecked Sendable {
    // Unchecked for the pointer: it is used once, to resume, and a suspended connection does not go away before that.
    private enum State {
        case waiting(Task<Void, Never>?)
        case settling
        case settled(GatewayResponse)
        case taken
    }

    /// When the waiting ends at the latest.
    let deadline: MonotonicTime
    private let connection: OpaquePointer
    private let reply: PendingReply
    private let table: PendingTable
    private let state = Lock(State.waiting(nil))

    init(_ reply: PendingReply, connection: OpaquePointer, deadline: MonotonicTime, in table: PendingTable) {
        self.reply = reply
        self.connection = connection
        self.deadline = deadline
        self.table = table
    }

    /// Begins to wait. The connection is suspended already.
    func start() {
        let task = Task {
            let response = await reply.response()
            self.settle { response }
        }
        state.withLock { state in
            if case .waiting = state { state = .waiting(task) } else { task.cancel() }
        }
    }

    /// Ends the waiting, unless it is over: whether it was not.
    @discardableResult
    func abandon() -> Bool {
        settle { reply.abandoned() }
    }

    /// The answer, once, on the daemon's thread after the connection was resumed.
    func take() -> GatewayResponse? {
        let response: GatewayResponse? = state.withLock { state in
            guard case .settled(let response) = state else { return nil }
            state = .taken
            return response
        }
        if response != nil { table.leave() }
        return response
    }

    @discardableResult
    private func settle(_ response: () -> GatewayResponse) -> Bool {
        let task: Task<Void, Never>?? = state.withLock { state in
            guard case .waiting(let task) = state else { return nil }
            state = .settling
            return .some(task)
        }
        guard let task else { return false }
        table.remove(self)
        let response = response()
        task?.cancel()
        state.withLock { $0 = .settled(response) }
        // The connection may be gone when this returns; the daemon is not, before the table is left.
        MHD_resume_connection(connection)
        table.leave()
        return true
    }
}
