import SignetJOSE
import SignetSystem

extension ListeningSocket {
    /// Who may connect: the owner and the group.
    private static let mode: mode_t = 0o660
    private static let umaskLock = Lock(())

    /// Listens on a Unix-domain socket. Called while there is one thread: the umask is the process's. A socket file that nobody listens on is replaced; anything else at its path stays.
    package static func unix(path: String) throws(SignetError) -> ListeningSocket {
        let place = "unix:\(path)"
        let room = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size - 1
        guard !path.isEmpty, path.utf8.count <= room, !path.utf8.contains(0) else {
            throw SignetError(
                ServerFault.socketPath, "\(place): the path of a Unix-domain socket has 1 to \(room) bytes",
                hint: "use a shorter one, such as /run/signet/signet.sock")
        }
        let file: SocketFile
        do throws(SignetError) {
            file = try SocketFile(path)
        } catch {
            throw error.isFault(FileFault.notFound)
                ? refusal(of: place, code: ENOENT)
                : SignetError(ServerFault.socketPath, "\(place): \(error.reason)", hint: error.hint)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: file.address.utf8) }
        try removeStale(file, address, place: place)
        return try bound(to: address, file, place: place)
    }

    private static func bound(
        to address: sockaddr_un, _ file: SocketFile, place: String
    ) throws(SignetError) -> ListeningSocket {
        let descriptor = try streamSocket(place)
        // On Linux the socket's mode becomes that of its file, but for the bits of the umask: at no moment may others connect, and
        // nothing is changed by path afterwards.
        fchmod(descriptor, mode)
        let code = umaskLock.withLock { _ in
            let former = umask(0)
            defer { umask(former) }
            return unsafe withPointer(to: address) { unsafe bind(descriptor, $0, $1) } == 0 ? 0 : errno
        }
        guard code == 0 else {
            closeDescriptor(descriptor)
            throw refusal(of: place, code: code)
        }
        let made = file.information.flatMap { $0.kind == S_IFSOCK && $0.user == geteuid() ? $0 : nil }
        guard let made, made.mode == mode, listenOn(descriptor, backlog) == 0 else {
            closeDescriptor(descriptor)
            if let made { file.remove(made) }
            throw SignetError(
                ServerFault.socketPath, "\(place): the socket's file has not the mode 0660, or is another's by now",
                hint: "give this user a directory of its own (systemd: RuntimeDirectory=signet)")
        }
        return try ListeningSocket(descriptor: descriptor, name: place, origin: .bound(file, made))
    }

    /// Makes room where a process that is gone has left its socket file.
    private static func removeStale(
        _ file: SocketFile, _ address: sockaddr_un, place: String
    ) throws(SignetError) {
        guard let entry = file.information else { return }
        guard entry.kind == S_IFSOCK else {
            throw SignetError(
                ServerFault.socketPath, "\(place): something that is no socket is there already",
                hint: "choose another path")
        }
        let probe = try streamSocket(place)
        defer { closeDescriptor(probe) }
        // Its backlog may be full, and nobody shall wait for that.
        _ = fcntl(probe, F_SETFL, fcntl(probe, F_GETFL) | O_NONBLOCK)
        if unsafe withPointer(to: address, { unsafe connect(probe, $0, $1) }) == 0 || errno == EAGAIN {
            throw SignetError(
                ServerFault.addressInUse, "\(place): another process listens there", hint: "find it with: ss -lxp")
        }
        guard errno == ECONNREFUSED else { throw refusal(of: place, code: errno) }
        guard file.remove(entry) else { throw refusal(of: place, code: errno) }
    }

    private static func streamSocket(_ place: String) throws(SignetError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw refusal(of: place, code: errno) }
        return descriptor
    }

    private static func withPointer(
        to address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe withUnsafePointer(to: address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func refusal(of place: String, code: Int32) -> SignetError {
        switch code {
        case EADDRINUSE:
            SignetError(
                ServerFault.addressInUse, "\(place): another process listens there", hint: "find it with: ss -lxp")
        case EACCES, EPERM, EROFS:
            SignetError(
                ServerFault.addressDenied, "\(place): this user may not make a socket there: \(words(for: code))",
                hint: "give this user a directory of its own (systemd: RuntimeDirectory=signet)")
        case ENOENT, ENOTDIR:
            SignetError(
                ServerFault.socketPath, "\(place): its directory does not exist",
                hint: "make the directory first (systemd: RuntimeDirectory=signet)")
        default:
            SignetError(ServerFault.system, "\(place): \(words(for: code))")
        }
    }
}

/// Where the file of a Unix-domain socket is.
///
/// Another user may own the directory: what is looked at, made and removed is in this one, wherever its path leads meanwhile.
struct SocketFile: Sendable {
    private let directory: Directory
    private let name: String
    /// The path for bind(2). Root's leads through the open directory, or the directory's owner could have a file made elsewhere;
    /// another user can make one only where that user may, and has the path that `ss` then shows.
    let address: String

    init(_ path: String) throws(SignetError) {
        directory = try Directory(of: path)
        name = path.split(separator: "/").last.map(String.init) ?? path
        let reached = geteuid() == 0 ? directory.descriptorPath : nil
        address = reached.map { [name] in "\($0)/\(name)" } ?? path
    }

    /// What has its name.
    var information: FileInformation? { directory.information(of: name) }

    /// Removes the file, if it is still this one. The error is left in `errno`.
    @discardableResult
    func remove(_ entry: FileInformation) -> Bool {
        guard let information, information.isSameFile(as: entry) else { return true }
        return directory.remove(name)
    }
}
