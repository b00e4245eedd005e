import CTLS
import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// A context of libssl: a certificate with the keys of its session tickets.
@safe final class TLSContext: @unchecked Sendable {
    // Unchecked for the pointer: a context that is set up may be used by all threads.
    let pointer: OpaquePointer
    private let retirement: Retirement

    /// Whether the certificate has been replaced since. Contexts of one certificate share it.
    final class Retirement: Sendable {
        let hasCome = Atomic<Bool>(false)
    }

    init(_ material: TLSMaterial, _ retirement: Retirement) throws(SignetError) {
        unsafe pointer = unsafe try material.makeContext()
        self.retirement = retirement
        unsafe SSL_CTX_set_alpn_select_cb(pointer, protocolChosen, nil)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    var isRetired: Bool { retirement.hasCome.load(ordering: .acquiring) }
}

/// The context that new connections get.
final class TLSContexts: Sendable {
    private struct State {
        var material: TLSMaterial
        var context: TLSContext
        var retirement: TLSContext.Retirement
        var made: MonotonicTime
    }

    private let state: Lock<State>
    /// So long tickets are made with the same keys, in milliseconds: a new context has new ones.
    private static let ticketKeyLifetime: Int64 = 12 * 3_600_000

    init(_ material: TLSMaterial) throws(SignetError) {
        let retirement = TLSContext.Retirement()
        let context = try TLSContext(material, retirement)
        state = Lock(State(material: material, context: context, retirement: retirement, made: .now))
    }

    /// Serves new connections with another certificate; those that there are end with their next answer.
    func replace(_ material: TLSMaterial) throws(SignetError) {
        let retirement = TLSContext.Retirement()
        let context = try TLSContext(material, retirement)
        state.withLock { state in
            // First: whoever has seen the new certificate must not find an old connection that goes on.
            state.retirement.hasCome.store(true, ordering: .releasing)
            state = State(material: material, context: context, retirement: retirement, made: .now)
        }
    }

    /// Serves new connections with new ticket keys, and the same certificate.
    func renew() throws(SignetError) {
        let (material, retirement) = state.withLock { ($0.material, $0.retirement) }
        let context = try TLSContext(material, retirement)
        state.withLock { state in
            guard state.retirement === retirement else { return }
            state.context = context
            state.made = .now
        }
    }

    /// TLS over an accepted socket; nil where there is no memory for it.
    func stream(over socket: SocketStream) -> TLSStream? {
        let context = state.withLock { state in
            if state.made.advanced(byMilliseconds: Self.ticketKeyLifetime) < .now,
                let fresh = try? TLSContext(state.material, state.retirement)
            {
                state.context = fresh
                state.made = .now
            }
            return state.context
        }
        return TLSStream(socket, in: context)
    }
}

/// Chooses http/1.1 among the protocols that a client offers (RFC 7301 §3.2), or ends the handshake.
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
