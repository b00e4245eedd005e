import SignetGateway
import SignetIdentity
import SignetSystem

/// A client's connection, by reference: what its worker keeps in a slot. Only the worker's thread touches it.
final class Connection {
    typealias Phase = ConnectionState.Phase
    typealias Interest = ConnectionState.Interest

    let id: ConnectionID
    /// The time of the entry in the worker's timers.
    var timer: MonotonicTime?
    // One value, so that each event is one access to it.
    private var state: ConnectionState

    init(_ id: ConnectionID, over stream: any ByteStream, in context: ConnectionContext) {
        self.id = id
        state = ConnectionState(id, over: stream, in: context)
    }

    /// What it waits for, all at once.
    var standing: ConnectionState.Standing { state.standing() }
    var stream: any ByteStream { state.stream }
    var phase: Phase { state.phase }
    var interest: Interest { state.interest }
    var hasWork: Bool { state.hasWork }
    var due: MonotonicTime { state.due }

    func socketIsReady() { state.socketIsReady() }
    func clientHasLeft() { state.clientHasLeft() }
    func work() { state.work() }
    func deliver(_ response: GatewayResponse, sequence: UInt32) { state.deliver(response, sequence: sequence) }
    func deadlinePassed() { state.deadlinePassed() }
    func drain() { state.drain() }
    func expire() { state.expire() }
    func close(reset: Bool = false) { state.close(reset: reset) }
}
