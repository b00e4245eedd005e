import SignetSystem

extension ListeningSocket {
    /// The variables by which systemd says what it passes (sd_listen_fds(3)).
    package static var activationVariables: [String: String] {
        var found: [String: String] = [:]
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
            if let value = unsafe getenv(name) { found[name] = unsafe String(cString: value) }
        }
        return found
    }

    /// Has programs that are started from here not take the sockets for theirs.
    package static func forgetActivation() {
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
    }

    /// Takes the socket that systemd passes in: the first, or the one with this `FileDescriptorName=`.
    package static func systemd(
        named wanted: String? = nil, variables: [String: String] = activationVariables, firstDescriptor: Int32 = 3
    ) throws(SignetError) -> ListeningSocket {
        let hint = "start it by a socket unit (systemctl start signet.socket), or set \"listen\" to an address"
        guard let count = variables["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0 else {
            throw SignetError(
                ServerFault.socketNotPassed, "systemd has passed no socket: LISTEN_FDS is not set", hint: hint)
        }
        guard variables["LISTEN_PID"] == "\(getpid())" else {
            throw SignetError(
                ServerFault.socketNotPassed,
                "the socket that systemd has passed is for another process: LISTEN_PID is not this one",
                hint: hint)
        }
        var index: Int32 = 0
        if let wanted {
            let names = (variables["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
            guard let found = names.firstIndex(where: { $0 == wanted }), found < count else {
                throw SignetError(
                    ServerFault.socketNotPassed, "systemd has passed no socket with the name \(wanted)",
                    hint: "put FileDescriptorName=\(wanted) into its socket unit")
            }
            index = Int32(found)
        }
        let descriptor = firstDescriptor + index
        guard isListener(descriptor) else {
            throw SignetError(
                ServerFault.socketNotPassed,
                "what systemd has passed as descriptor \(descriptor) is no listening stream socket",
                hint: "its socket unit needs ListenStream= and Accept=no")
        }
        return try ListeningSocket(descriptor: descriptor, name: nil, origin: .passed)
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
