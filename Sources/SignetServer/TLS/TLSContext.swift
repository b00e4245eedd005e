import CTLS
import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// A context of libssl: a certificate and the keys of its session tickets.
@safe final class TLSContext: @unchecked Sendable {
    // Unchecked for the pointer: all threads may use a context that is configured.
    let pointer: OpaquePointer
    private let replacement: Replacement

    /// Whether the certificate was replaced. Contexts of one certificate share it.
    final class Replacement: Sendable {
        let isDone = Atomic<Bool>(false)
    }

    init(_ material: TLSMaterial, _ replacement: Replacement) throws(SignetError) {
        unsafe pointer = unsafe try material.makeContext()
        self.replacement = replacement
        unsafe SSL_CTX_set_alpn_select_cb(pointer, protocolChosen, nil)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    var isReplaced: Bool { replacement.isDone.load(ordering: .acquiring) }
}

/// The context for new clients.
final class TLSContexts: Sendable {
    private struct State {
        var material: TLSMaterial
        var context: TLSContext
        var replacement: TLSContext.Replacement
        var created: MonotonicTime
    }

    private let state: Lock<State>
    /// How long the same ticket keys are used, in milliseconds. A new context has new keys.
    private static let ticketKeyLifetime: Int64 = 12 * 3_600_000

    init(_ material: TLSMaterial) throws(SignetError) {
        let replacement = TLSContext.Replacement()
        let context = try TLSContext(material, replacement)
        state = Lock(State(material: material, context: context, replacement: replacement, created: .now))
    }

    /// Uses another certificate for new clients. The sockets of present clients are closed after their next answer.
    func replace(_ material: TLSMaterial) throws(SignetError) {
        let replacement = TLSContext.Replacement()
        let context = try TLSContext(material, replacement)
        state.withLock { state in
            // Set first: when a client sees the new certificate, no old socket may stay open.
            state.replacement.isDone.store(true, ordering: .releasing)
            state = State(material: material, context: context, replacement: replacement, created: .now)
        }
    }

    /// Uses new ticket keys for new clients, and the same certificate.
    func renew() throws(SignetError) {
        let (material, replacement) = state.withLock { ($0.material, $0.replacement) }
        let context = try TLSContext(material, replacement)
        state.withLock { state in
            guard state.replacement === replacement else { return }
            state.context = context
            state.created = .now
        }
    }

    /// TLS over an accepted socket; nil if there is no memory.
    func stream(over socket: SocketStream) -> TLSStream? {
        let context = state.withLock { state in
            if state.created.advanced(byMilliseconds: Self.ticketKeyLifetime) < .now,
                let fresh = try? TLSContext(state.material, state.replacement)
            {
                state.context = fresh
                state.created = .now
            }
            return state.context
        }
        return TLSStream(socket, in: context)
    }
}

/// Chooses http/1.1 from the protocols that a client offers (RFC 7301 §3.2), or ends the handshake.
private func protocolChosen(
    _ session: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ count: UInt32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    let wanted = "http/1.1".utf8
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
    var index = 0
    while index < list.count {
        let end = unsafe index + 1 + Int(list[index])
        guard end <= list.count else { break }
        if unsafe list[(index + 1)..<end].elementsEqual(wanted) {
            unsafe chosen?.pointee = unsafe offered?.advanced(by: index + 1)
            unsafe length?.pointee = UInt8(wanted.count)
            return SSL_TLSEXT_ERR_OK
        }
        index = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
