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
            let address = unsafe storage.load(as: sockaddr_in.self)
            let bytes = unsafe withUnsafeBytes(of: address.sin_addr) { unsafe Array($0) }
            let number = UInt16(bigEndian: address.sin_port)
            port = number
            isLocal = bytes[0] == 127
            text = bytes.map { "\($0)" }.joined(separator: ".") + ":\(number)"
        case AF_INET6:
            let address = unsafe storage.load(as: sockaddr_in6.self)
            let number = UInt16(bigEndian: address.sin6_port)
            port = number
            var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            var raw = address.sin6_addr
            unsafe inet_ntop(AF_INET6, &raw, &name, socklen_t(name.count))
            let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            isLocal = host == "::1"
            text = "[\(host)]:\(number)"
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

/// The key by which clients are counted: an IPv4 address, or the first half of an IPv6 address. A client usually has all
/// addresses with that half.
struct AddressKey: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    /// The key of a client's address; nil for a Unix-domain socket.
    init?(of storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            high = 0
            low = UInt64(unsafe storage.load(as: sockaddr_in.self).sin_addr.s_addr)
        case AF_INET6:
            // On a socket for both kinds, the second half is the address of an IPv4 client.
            let address = unsafe storage.load(as: sockaddr_in6.self).sin6_addr
            let halves = unsafe withUnsafeBytes(of: address) {
                unsafe ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
            }
            high = halves.0
            low = halves.0 == 0 ? halves.1 : 0
        default: return nil
        }
    }
}

extension sockaddr_storage {
    @unsafe fileprivate func load<Address>(as type: Address.Type) -> Address {
        unsafe withUnsafeBytes(of: self) { unsafe $0.loadUnaligned(as: type) }
    }
}
