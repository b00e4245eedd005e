import SignetSystem

/// A connected stream socket.
final class SocketStream: ByteStream {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Accepts a client of a listener; nil with the error in `errno`. The address is nil for a Unix-domain socket.
    static func accept(on listener: Int32) -> (descriptor: Int32, address: AddressKey?)? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe acceptFrom(listener, $0, &size)
            }
        }
        guard descriptor >= 0 else { return nil }
        let address = AddressKey(of: storage)
        if address != nil {
            var on: Int32 = 1
            unsafe setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        return (descriptor, address)
    }

    var needsHandshake: Bool { false }
    var hasBuffered: Bool { false }
    var waitsForOpposite: Bool { false }
    var hasOldCertificate: Bool { false }
    var progress: UInt32 { 0 }

    func shakeHands() -> HandshakeResult { .done }

    /// Copies the next byte without consuming it.
    func peek(at byte: inout UInt8) -> StreamResult {
        Self.result(unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK)))
    }

    func receive(into block: Block) -> StreamResult {
        Self.result(
            block.fill { memory, room in
                unsafe memory.withUnsafeMutableBytes { bytes in
                    let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[room])
                    return unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
                }
            })
    }

    func send(_ bytes: Span<UInt8>, more: Bool) -> StreamResult {
        let flags = Int32(MSG_NOSIGNAL) | (more ? Int32(MSG_MORE) : 0)
        let count = unsafe bytes.withUnsafeBytes { unsafe sendBytes(descriptor, $0, flags) }
        return Self.result(count)
    }

    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func discard(into block: Block) -> StreamResult {
        receive(into: block)
    }

    func close(reset: Bool) {
        if reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        closeDescriptor(descriptor)
    }

    private static func result(_ count: Int) -> StreamResult {
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EINTR ? .blocked : .failed
    }
}
