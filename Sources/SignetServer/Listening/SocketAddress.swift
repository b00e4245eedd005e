import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The address that a socket is bound to.
struct SocketAddress {
    /// The port; nil for a Unix-domain socket.
    let port: UInt16?
    /// Whether only this machine reaches it.
    let isLocal: Bool
    /// The address for people.
    let text: String

    init(localOf descriptor: Int32) throws(ServerError) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard code == 0 else { throw ServerError(.system, "the listening socket: \(words(for: errno))") }
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in.self) }
            let bytes = withUnsafeBytes(of: address.sin_addr) { Array($0) }
            let number = UInt16(bigEndian: address.sin_port)
            port = number
            isLocal = bytes[0] == 127
            text = bytes.map { "\($0)" }.joined(separator: ".") + ":\(number)"
        case AF_INET6:
            let address = withUnsafeBytes(of: storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
            let bytes = withUnsafeBytes(of: address.sin6_addr) { Array($0) }
            let number = UInt16(bigEndian: address.sin6_port)
            port = number
            isLocal = bytes == Array(repeating: 0, count: 15) + [1]
            var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            var raw = address.sin6_addr
            inet_ntop(AF_INET6, &raw, &name, socklen_t(name.count))
            text = "[\(name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })]:\(number)"
        case AF_UNIX:
            port = nil
            isLocal = true
            let path = withUnsafeBytes(of: storage) { $0.dropFirst(2).prefix { $0 != 0 } }
            text = "unix:" + String(decoding: path, as: UTF8.self)
        default:
            throw ServerError(.system, "the listening socket is neither TCP nor a Unix-domain socket")
        }
    }
}
