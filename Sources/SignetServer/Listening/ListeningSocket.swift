import SignetJOSE
import SignetSystem

/// A socket that accepts clients, opened here or passed by systemd.
///
/// It owns its descriptor; the server uses a duplicate. ``close()`` refuses new clients at once, also where duplicates are open:
/// a socket that was opened here is shut down. A socket of systemd goes on listening for the next process.
package final class ListeningSocket: Sendable {
    /// How the socket was made, which decides how it is closed.
    private enum Origin: Sendable {
        case opened
        case bound(SocketFile, FileInformation)
        case passed
    }

    /// The address for people: `127.0.0.1:8480` or `unix:/run/signet.sock`.
    package let name: String
    /// The port, also if the system chose it; nil for a Unix-domain socket.
    package let port: UInt16?
    /// Whether only this machine can connect: a Unix-domain socket or a loopback address.
    package let isLocal: Bool

    private let origin: Origin
    private let descriptor: Lock<Int32?>

    /// How many clients may wait to be accepted.
    static let backlog: Int32 = 1_024

    private init(descriptor: Int32, name: String? = nil, origin: Origin) throws(SignetError) {
        do throws(SignetError) {
            // Without O_NONBLOCK, accepting would block if the client has gone already.
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
                fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
            else { throw SignetError(ServerFault.system, "the listening socket: \(words(for: errno))") }
            let address = try SocketAddress(localOf: descriptor)
            self.name = name ?? address.text
            port = address.port
            isLocal = address.isLocal
            self.origin = origin
            self.descriptor = Lock(descriptor)
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
    }

    deinit {
        close()
    }

    /// Duplicates the descriptor.
    func duplicate() throws(SignetError) -> Int32 {
        let copy = descriptor.withLock { $0.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } }
        guard let copy else { throw SignetError(ServerFault.system, "\(name) is closed") }
        guard copy >= 0 else {
            throw SignetError(
                ServerFault.system, "\(name): \(words(for: errno))", hint: "raise the limit on open files (ulimit -n)")
        }
        return copy
    }

    /// Refuses new clients. The socket file is removed, unless another process has replaced it.
    package func close() {
        let open = descriptor.withLock { descriptor -> Int32? in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open else { return }
        switch origin {
        case .bound(let file, let entry):
            file.remove(entry)
            shutdown(open, Int32(SHUT_RDWR))
        case .opened: shutdown(open, Int32(SHUT_RDWR))
        // A shutdown would end it for systemd too.
        case .passed: break
        }
        closeDescriptor(open)
    }

    /// Listens on a Unix-domain socket with mode 0660. A socket file without a listener is replaced; any other file at the path
    /// stays.
    ///
    /// To be called while the process has one thread: the umask is the process's.
    package static func unix(path: String) throws(SignetError) -> ListeningSocket {
        let file = try SocketFile(path)
        let (descriptor, entry) = try file.listen()
        return try ListeningSocket(descriptor: descriptor, name: file.name, origin: .bound(file, entry))
    }
}

// MARK: TCP

extension ListeningSocket {
    /// Listens on a host and a port. A name is resolved, IPv4 before IPv6. The system chooses a free port for port 0.
    package static func tcp(host: String, port: UInt16) throws(SignetError) -> ListeningSocket {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var failure = SignetError(ServerFault.addressUnknown, "\(place): the host has no address")
        let addresses = try unsafe resolve(host, port, place)
        defer { unsafe freeaddrinfo(addresses) }
        // A client that connects to "localhost" tries both kinds. A client that connects to 127.0.0.1 tries one.
        for isFirstRound in [true, false] {
            var next = unsafe addresses
            while let entry = unsafe next {
                unsafe next = entry.pointee.ai_next
                guard unsafe (entry.pointee.ai_family == AF_INET) == isFirstRound else { continue }
                do throws(SignetError) {
                    return try ListeningSocket(
                        descriptor: unsafe listen(on: entry.pointee, place: place), origin: .opened)
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
                ServerFault.addressUnknown, "\(place): the host cannot be resolved: \(words)", hint: Self.addressHint)
        }
        return unsafe list
    }

    private static func listen(on entry: addrinfo, place: String) throws(SignetError) -> Int32 {
        let descriptor = unsafe socket(
            entry.ai_family, entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), entry.ai_protocol)
        guard descriptor >= 0 else { throw error(errno, at: place) }
        var on: Int32 = 1
        var off: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // "::" is all addresses, those of IPv4 too.
        if unsafe entry.ai_family == AF_INET6 {
            unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size)
        }
        guard unsafe bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0, listenOn(descriptor, backlog) == 0 else {
            let code = errno
            closeDescriptor(descriptor)
            throw error(code, at: place)
        }
        return descriptor
    }

    private static let addressHint = "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all"

    private static func error(_ code: Int32, at place: String) -> SignetError {
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
                ServerFault.addressUnknown, "\(place): this machine has no such address", hint: addressHint)
        default:
            SignetError(ServerFault.system, "\(place): \(words(for: code))")
        }
    }
}

// MARK: systemd

extension ListeningSocket {
    private static let activationNames = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

    /// The environment variables in which systemd describes the sockets that it passes (sd_listen_fds(3)).
    package static var activationVariables: [String: String] {
        var found: [String: String] = [:]
        for name in activationNames {
            if let value = unsafe getenv(name) { found[name] = unsafe String(cString: value) }
        }
        return found
    }

    /// Removes the variables, so that child processes do not use the sockets.
    package static func forgetActivation() {
        for name in activationNames { unsafe unsetenv(name) }
    }

    /// Uses a socket that systemd passes: the first, or the one with this `FileDescriptorName=`.
    package static func systemd(
        named wanted: String? = nil, variables: [String: String] = activationVariables, firstDescriptor: Int32 = 3
    ) throws(SignetError) -> ListeningSocket {
        let hint = "start it by a socket unit (systemctl start signet.socket), or set \"listen\" to an address"
        guard let count = variables["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0 else {
            throw SignetError(
                ServerFault.socketNotPassed, "systemd passed no socket: LISTEN_FDS is not set", hint: hint)
        }
        guard variables["LISTEN_PID"] == "\(getpid())" else {
            throw SignetError(
                ServerFault.socketNotPassed,
                "systemd passed the socket to another process: LISTEN_PID is not this process",
                hint: hint)
        }
        var index: Int32 = 0
        if let wanted {
            let names = (variables["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
            guard let found = names.firstIndex(where: { $0 == wanted }), found < count else {
                throw SignetError(
                    ServerFault.socketNotPassed, "systemd passed no socket with the name \(wanted)",
                    hint: "put FileDescriptorName=\(wanted) into its socket unit")
            }
            index = Int32(found)
        }
        let descriptor = firstDescriptor + index
        guard isListener(descriptor) else {
            throw SignetError(
                ServerFault.socketNotPassed, "descriptor \(descriptor) from systemd is not a listening stream socket",
                hint: "its socket unit needs ListenStream= and Accept=no")
        }
        return try ListeningSocket(descriptor: descriptor, origin: .passed)
    }

    private static func isListener(_ descriptor: Int32) -> Bool {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
        }
        return option(SO_ACCEPTCONN) == 1 && option(SO_TYPE) == Int32(SOCK_STREAM.rawValue)
    }
}
