import SignetIdentity
import SignetSystem

/// Identifies a client: a slot of its worker, and how often the slot was used before. It may outlive the client.
struct ClientID: Sendable, Hashable {
    let slot: UInt32
    let generation: UInt32
}

/// A client with a socket, as its worker keeps it in a slot. Only the worker's thread uses it.
final class Client {
    let id: ClientID
    /// The time of its entry in the worker's timers.
    var timer: MonotonicTime?
    // One stored value, so that each event needs one exclusive access.
    var state: ClientState

    init(_ id: ClientID, over stream: any ByteStream, in context: WorkerContext) {
        self.id = id
        state = ClientState(id, over: stream, in: context)
    }
}
