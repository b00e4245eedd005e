#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ListeningSocket {
    /// How many connections wait to be accepted.
    static let backlog: Int32 = 1_024

    /// Listens on a host and a port. A name is resolved, IPv4 before IPv6; port 0 is any that is free.
    package static func tcp(host: String, port: UInt16) throws(ServerError) -> ListeningSocket {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            throw ServerError(
                .addressUnknown, "\(place): the host cannot be resolved: \(String(cString: gai_strerror(code)))",
                hint: "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all")
        }
        defer { freeaddrinfo(list) }
        var addresses = list.map { Array(sequence(first: $0) { $0.pointee.ai_next }) } ?? []
        // Who connects to "localhost" tries both kinds; who connects to 127.0.0.1 tries one.
        addresses.sort { $0.pointee.ai_family == AF_INET && $1.pointee.ai_family != AF_INET }
        var failure = ServerError(.addressUnknown, "\(place): the host has no address")
        for entry in addresses {
            do throws(ServerError) {
                return try ListeningSocket(
                    descriptor: listen(on: entry.pointee, place: place), name: nil, origin: .opened)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func listen(on entry: addrinfo, place: String) throws(ServerError) -> Int32 {
        let descriptor = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
        guard descriptor >= 0 else { throw refusal(of: place, code: errno) }
        var on: Int32 = 1
        var off: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // "::" is all addresses, of IPv4 too.
        if entry.ai_family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size) }
        guard bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0, listenOn(descriptor, backlog) == 0 else {
            let code = errno
            closeDescriptor(descriptor)
            throw refusal(of: place, code: code)
        }
        return descriptor
    }

    private static func refusal(of place: String, code: Int32) -> ServerError {
        switch code {
        case EADDRINUSE:
            ServerError(
                .addressInUse, "\(place): another process listens there",
                hint: "find it with: ss -ltnp; or choose another port in \"listen\"")
        case EACCES, EPERM:
            ServerError(
                .addressDenied, "\(place): this user may not listen there",
                hint: "choose a port from 1024 up, or let systemd open the socket")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            ServerError(
                .addressUnknown, "\(place): this machine has no such address",
                hint: "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all")
        default:
            ServerError(.system, "\(place): \(words(for: code))")
        }
    }
}
