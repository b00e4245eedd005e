import CTLS

/// TLS over a connected socket, by libssl. No method blocks.
@safe final class TLSStream: ByteStream {
    private let socket: SocketStream
    private let session: OpaquePointer
    private let context: TLSContext
    private(set) var waitsForOpposite = false
    /// Whether libssl may be called: not after a fatal error.
    private var isUsable = true
    /// Whether answers go out without TLS, because the client does not speak TLS.
    private var isPlain = false
    private var isFirstStep = true
    private var mayHaveMore = false
    /// How many records in a row had no data.
    fileprivate var emptyRecords = 0
    private static let maximumEmptyRecords = 8

    init?(_ socket: SocketStream, in context: TLSContext) {
        guard let session = unsafe SSL_new(context.pointer) else { return nil }
        self.socket = socket
        self.context = context
        unsafe self.session = unsafe session
        unsafe SSL_set_fd(session, socket.descriptor)
        unsafe SSL_set_accept_state(session)
        unsafe SSL_set_msg_callback(session, messageSeen)
        unsafe SSL_ctrl(session, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        unsafe SSL_free(session)
    }

    var needsHandshake: Bool { true }
    var hasBuffered: Bool { unsafe mayHaveMore && isUsable && !isPlain && SSL_has_pending(session) == 1 }
    var hasOldCertificate: Bool { context.isReplaced }

    var progress: UInt32 { unsafe SSL_get_state(session).rawValue }

    func shakeHands() -> HandshakeResult {
        if isFirstStep {
            var byte: UInt8 = 0
            switch socket.peek(at: &byte) {
            case .blocked: return .blocked
            // The socket stays readable at its end: waiting for more would be a busy loop.
            case .end, .failed: return .left
            case .bytes: isFirstStep = false
            }
            if (0x41...0x5A).contains(byte & 0xDF) {
                isPlain = true
                return .wrongProtocol
            }
        }
        ERR_clear_error()
        let code = unsafe SSL_do_handshake(session)
        if code == 1 {
            waitsForOpposite = false
            mayHaveMore = true
            emptyRecords = 0
            return .done
        }
        switch unsafe SSL_get_error(session, code) {
        case SSL_ERROR_WANT_READ:
            waitsForOpposite = false
            return .blocked
        case SSL_ERROR_WANT_WRITE:
            waitsForOpposite = true
            return .blocked
        default:
            isUsable = false
            return .failed
        }
    }

    func receive(into block: Block) -> StreamResult {
        guard isUsable else { return .failed }
        ERR_clear_error()
        let count = block.fill { memory, room in
            unsafe memory.withUnsafeMutableBytes { bytes in
                let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[room])
                return Int(unsafe SSL_read(session, bytes.baseAddress, Int32(bytes.count)))
            }
        }
        let result = result(count, crossing: SSL_ERROR_WANT_WRITE)
        if case .bytes = result {
            // The record with the data is counted too.
            guard emptyRecords <= Self.maximumEmptyRecords + 1 else { return .failed }
            emptyRecords = 0
            mayHaveMore = true
        } else {
            mayHaveMore = false
            if emptyRecords > Self.maximumEmptyRecords { return .failed }
        }
        return result
    }

    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult {
        if isPlain { return socket.send(bytes, more: more) }
        guard isUsable else { return .failed }
        ERR_clear_error()
        let count = unsafe bytes.withUnsafeBytes {
            Int(unsafe SSL_write(session, $0.baseAddress, Int32(clamping: $0.count)))
        }
        return result(count, crossing: SSL_ERROR_WANT_READ)
    }

    func finishSending() {
        sendCloseNotify()
        socket.finishSending()
    }

    func discard(into block: Block) -> StreamResult {
        waitsForOpposite = false
        return socket.receive(into: block)
    }

    func close(reset: Bool) {
        if !reset { sendCloseNotify() }
        socket.close(reset: reset)
    }

    /// Sends close_notify, once.
    private func sendCloseNotify() {
        guard isUsable, !isPlain, unsafe SSL_is_init_finished(session) == 1 else { return }
        ERR_clear_error()
        isUsable = false
        unsafe SSL_shutdown(session)
    }

    private func result(_ count: Int, crossing: Int32) -> StreamResult {
        waitsForOpposite = false
        if count > 0 { return .bytes(count) }
        switch unsafe SSL_get_error(session, Int32(count)) {
        case crossing:
            waitsForOpposite = true
            return .blocked
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
        case SSL_ERROR_ZERO_RETURN: return .end
        default:
            isUsable = false
            return .failed
        }
    }
}

/// Counts the received records. ``TLSStream/receive(into:)`` resets the count when there is data.
private func messageSeen(
    _ isWritten: Int32, _ version: Int32, _ type: Int32, _ bytes: UnsafeRawPointer?, _ count: Int,
    _ session: OpaquePointer?, _ stream: UnsafeMutableRawPointer?
) {
    guard isWritten == 0, type == SSL3_RT_HEADER, let stream = unsafe stream else { return }
    unsafe Unmanaged<TLSStream>.fromOpaque(stream).takeUnretainedValue().emptyRecords += 1
}
