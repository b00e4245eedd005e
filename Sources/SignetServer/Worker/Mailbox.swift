import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// What other threads tell a worker. It outlives the worker; what comes later is dropped.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// An accepted socket, and the address that it counts for.
        case accepted(Int32, AddressKey?)
        /// The reply to a request that was pending.
        case reply(GatewayResponse, ConnectionID, UInt32)
        /// Make room: end the connections that only wait for their clients to close.
        case endLingering
        /// No new requests.
        case drain
        /// Be done by this moment.
        case finish(MonotonicTime)
    }

    private struct State {
        var messages: [Message] = []
        var isClosed = false
    }

    let bell: Bell
    private let state = Lock(State())

    init() throws(SignetError) {
        bell = try Bell()
    }

    /// Adds a message; the worker is woken where none was waiting.
    func post(_ message: Message) {
        let (isFirst, isClosed) = state.withLock { state in
            if !state.isClosed { state.messages.append(message) }
            return (state.messages.count == 1, state.isClosed)
        }
        if isClosed {
            Self.drop(message)
        } else if isFirst {
            bell.ring()
        }
    }

    /// All that came since the last time.
    func take() -> [Message] {
        // Before the list: what comes in between rings again.
        bell.silence()
        return state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Takes nothing more.
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
