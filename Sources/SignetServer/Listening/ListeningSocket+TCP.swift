import SignetSystem

extension ListeningSocket {
    /// How many connections wait to be accepted.
    static let backlog: Int32 = 1_024

    /// Listens on a host and a port. A name is resolved, IPv4 before IPv6; port 0 is any that is free.
    package static func tcp(host: String, port: UInt16) throws(SignetError) -> ListeningSocket {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var failure = SignetError(ServerFault.addressUnknown, "\(place): the host has no address")
        let addresses = try unsafe resolve(host, port, place)
        defer { unsafe freeaddrinfo(addresses) }
        // Who connects to "localhost" tries both kinds; who connects to 127.0.0.1 tries one.
        for isFirstRound in [true, false] {
            var next = unsafe addresses
            while let entry = unsafe next {
                unsafe next = entry.pointee.ai_next
                guard unsafe (entry.pointee.ai_family == AF_INET) == isFirstRound else { continue }
                do throws(SignetError) {
                    let descriptor = try unsafe listen(on: entry.pointee, place: place)
                    return try ListeningSocket(descriptor: descriptor, name: nil, origin: .opened)
                } catch {
                    failure = error
                }
            }
        }
        throw failure
    }

    private static func resolve(
        _ host: String, _ port: UInt16, _ place: String
    ) throws(SignetError) -> UnsafeMutablePointer<addrinfo>? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            let words = unsafe String(cString: gai_strerror(code))
            throw SignetError(
                ServerFault.addressUnknown, "\(place): the host cannot be resolved: \(words)",
                hint: "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all")
        }
        return unsafe list
    }

    private static func listen(on entry: addrinfo, place: String) throws(SignetError) -> Int32 {
        let descriptor = unsafe socket(
            entry.ai_family, entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), entry.ai_protocol)
        guard descriptor >= 0 else { throw refusal(of: place, code: errno) }
        var on: Int32 = 1
        var off: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // "::" is all addresses, of IPv4 too.
        if unsafe entry.ai_family == AF_INET6 {
            unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size)
        }
        guard unsafe bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0, listenOn(descriptor, backlog) == 0 else {
            let code = errno
            closeDescriptor(descriptor)
            throw refusal(of: place, code: code)
        }
        return descriptor
    }

    private static func refusal(of place: String, code: Int32) -> SignetError {
        switch code {
        case EADDRINUSE:
            SignetError(
                ServerFault.addressInUse, "\(place): another process listens there",
                hint: "find it with: ss -ltnp; or choose another port in \"listen\"")
        case EACCES, EPERM:
            SignetError(
                ServerFault.addressDenied, "\(place): this user may not listen there",
                hint: "choose a port from 1024 up, or let systemd open the socket")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            SignetError(
                ServerFault.addressUnknown, "\(place): this machine has no such address",
                hint: "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all")
        default:
            SignetError(ServerFault.system, "\(place): \(words(for: code))")
        }
    }
}
