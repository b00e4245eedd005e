import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// The messages from other threads to a worker. It outlives the worker; later messages are dropped.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// An accepted socket, and the address that it counts for.
        case accepted(Int32, AddressKey?)
        /// The reply to a pending request.
        case reply(GatewayResponse, ClientID, UInt32)
        /// Make room: close the lingering clients.
        case endLingering
        /// Begin no new requests.
        case drain
        /// Stop at this time.
        case finish(MonotonicTime)
    }

    private struct State {
        var messages: [Message] = []
        var isClosed = false
    }

    let wakeEvent: WakeEvent
    private let state = Lock(State())

    init() throws(SignetError) {
        wakeEvent = try WakeEvent()
    }

    /// Adds a message, and wakes the worker if it is the first.
    func post(_ message: Message) {
        let (isFirst, isClosed) = state.withLock { state in
            if !state.isClosed { state.messages.append(message) }
            return (state.messages.count == 1, state.isClosed)
        }
        if isClosed {
            Self.drop(message)
        } else if isFirst {
            wakeEvent.signal()
        }
    }

    /// Takes all messages.
    func take() -> [Message] {
        // Cleared before the list is taken: a message that is posted in between signals again.
        wakeEvent.clear()
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Drops all messages, now and later.
    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
        for message in left { Self.drop(message) }
    }

    private static func drop(_ message: Message) {
        switch message {
        case .accepted(let descriptor, _): closeDescriptor(descriptor)
        case .reply(let response, _, _): response.onEnd?(false)
        case .endLingering, .drain, .finish: break
        }
    }
}
