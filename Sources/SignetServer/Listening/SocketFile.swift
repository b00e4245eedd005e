import SignetJOSE
import SignetSystem

/// The file of a Unix-domain socket.
///
/// Another user may own a directory of the path. All operations use the directory that was opened first, wherever the path leads
/// later.
struct SocketFile: Sendable {
    /// The path for people: `unix:/run/signet.sock`.
    let name: String
    private let directory: Directory
    private let file: String
    /// The path for bind(2). For root it leads through the open directory: otherwise the directory's owner could make root create
    /// the file elsewhere. Other users can create files only where they may, and use the path that `ss` shows.
    private let address: String

    /// The owner and the group may connect.
    private static let mode: mode_t = 0o660
    private static let umaskLock = Lock(())
    private static let directoryHint = "give this user a directory of its own (systemd: RuntimeDirectory=signet)"

    init(_ path: String) throws(SignetError) {
        name = "unix:\(path)"
        let room = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size - 1
        guard !path.isEmpty, path.utf8.count <= room, !path.utf8.contains(0) else {
            throw SignetError(
                ServerFault.socketPath, "\(name): the path of a Unix-domain socket has 1 to \(room) bytes",
                hint: "use a shorter path, such as /run/signet/signet.sock")
        }
        do throws(SignetError) {
            directory = try Directory(of: path)
        } catch {
            throw error.isFault(FileFault.notFound)
                ? Self.error(ENOENT, at: name)
                : SignetError(ServerFault.socketPath, "\(name): \(error.reason)", hint: error.hint)
        }
        file = path.split(separator: "/").last.map(String.init) ?? path
        let reached = geteuid() == 0 ? directory.descriptorPath : nil
        address = reached.map { [file] in "\($0)/\(file)" } ?? path
    }

    private var information: FileInformation? { directory.information(of: file) }

    /// Removes the file, if it is still this one. The error is left in `errno`.
    @discardableResult
    func remove(_ entry: FileInformation) -> Bool {
        guard let information, information.isSameFile(as: entry) else { return true }
        return directory.remove(file)
    }

    /// Creates the file, and listens on it.
    func listen() throws(SignetError) -> (descriptor: Int32, entry: FileInformation) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: self.address.utf8) }
        try removeStale(address)
        let descriptor = try streamSocket()
        // On Linux the file gets the socket's mode without the bits of the umask. So at no time may others connect, and the mode
        // needs no change by path afterwards.
        fchmod(descriptor, Self.mode)
        let code = Self.umaskLock.withLock { _ in
            let former = umask(0)
            defer { umask(former) }
            return unsafe Self.withPointer(to: address) { unsafe bind(descriptor, $0, $1) } == 0 ? 0 : errno
        }
        guard code == 0 else {
            closeDescriptor(descriptor)
            throw Self.error(code, at: name)
        }
        let entry = information.flatMap { $0.kind == S_IFSOCK && $0.user == geteuid() ? $0 : nil }
        guard let entry, entry.mode == Self.mode, listenOn(descriptor, ListeningSocket.backlog) == 0 else {
            closeDescriptor(descriptor)
            if let entry { remove(entry) }
            throw SignetError(
                ServerFault.socketPath,
                "\(name): the socket file does not have mode 0660, or another process has replaced it",
                hint: Self.directoryHint)
        }
        return (descriptor, entry)
    }

    /// Removes the socket file of a process that has ended.
    private func removeStale(_ address: sockaddr_un) throws(SignetError) {
        guard let entry = information else { return }
        guard entry.kind == S_IFSOCK else {
            throw SignetError(
                ServerFault.socketPath, "\(name): a file that is not a socket is there already",
                hint: "choose another path")
        }
        let probe = try streamSocket()
        defer { closeDescriptor(probe) }
        // The backlog of the other process may be full: do not wait.
        _ = fcntl(probe, F_SETFL, fcntl(probe, F_GETFL) | O_NONBLOCK)
        let isConnected = unsafe Self.withPointer(to: address) { unsafe connect(probe, $0, $1) } == 0
        if isConnected || errno == EAGAIN { throw Self.error(EADDRINUSE, at: name) }
        guard errno == ECONNREFUSED else { throw Self.error(errno, at: name) }
        guard remove(entry) else { throw Self.error(errno, at: name) }
    }

    private func streamSocket() throws(SignetError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.error(errno, at: name) }
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

    private static func error(_ code: Int32, at place: String) -> SignetError {
        switch code {
        case EADDRINUSE:
            SignetError(
                ServerFault.addressInUse, "\(place): another process listens there", hint: "find it with: ss -lxp")
        case EACCES, EPERM, EROFS:
            SignetError(
                ServerFault.addressDenied, "\(place): this user may not create a socket there: \(words(for: code))",
                hint: directoryHint)
        case ENOENT, ENOTDIR:
            SignetError(
                ServerFault.socketPath, "\(place): its directory does not exist",
                hint: "create the directory first (systemd: RuntimeDirectory=signet)")
        default:
            SignetError(ServerFault.system, "\(place): \(words(for: code))")
        }
    }
}
