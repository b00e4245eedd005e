import SignetJOSE
import SignetSystem

/// The address that a socket is bound to.
struct SocketAddress {
    /// The port; nil for a Unix-domain socket.
    let port: UInt16?
    /// Whether only this machine reaches it.
    let isLocal: Bool
    /// The address for people.
    let text: String

    init(localOf descriptor: Int32) throws(SignetError) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        guard code == 0 else { throw SignetError(ServerFault.system, "the listening socket: \(words(for: errno))") }
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in.self) }
            let bytes = unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) }
            let number = UInt16(bigEndian: address.sin_port)
            port = number
            isLocal = bytes[0] == 127
            text = bytes.map { "\($0)" }.joined(separator: ".") + ":\(number)"
        case AF_INET6:
            let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in6.self) }
            let bytes = unsafe withUnsafeBytes(of: address.sin6_addr) { unsafe Array($0) }
            let number = UInt16(bigEndian: address.sin6_port)
            port = number
            isLocal = bytes == Array(repeating: 0, count: 15) + [1]
            var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            var raw = address.sin6_addr
            unsafe inet_ntop(AF_INET6, &raw, &name, socklen_t(name.count))
            text =
                unsafe "[\(name.withUnsafeBytes { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })]:\(number)"
        case AF_UNIX:
            port = nil
            isLocal = true
            let path = unsafe withUnsafeBytes(of: storage) { unsafe $0.dropFirst(2).prefix { $0 != 0 } }
            text = unsafe "unix:" + String(decoding: path, as: UTF8.self)
        default:
            throw SignetError(ServerFault.system, "the listening socket is neither TCP nor a Unix-domain socket")
        }
    }
}

extension AddressKey {
    /// What a client's address counts for; nil for a Unix-domain socket.
    init?(of storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in.self) }
            self.init(high: 0, low: UInt64(address.sin_addr.s_addr))
        case AF_INET6:
            // An IPv4 client of a socket for both has all of its address in the second half.
            let address = unsafe withUnsafeBytes(of: storage) { unsafe $0.loadUnaligned(as: sockaddr_in6.self) }
            let (high, low) = unsafe withUnsafeBytes(of: address.sin6_addr) {
                unsafe ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(high: high, low: high == 0 ? low : 0)
        default: return nil
        }
    }
}
