#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes whole files or none: under another name first, and under their own once they are on the disk.
package enum FileWriting {
    /// What happens to a file of the same name.
    package enum Existing: Sendable {
        /// It stays, and ``FileError/Kind/exists`` is thrown; also when another process makes it at this moment.
        case kept
        /// It is replaced in one step.
        case replaced
    }

    /// Writes a file with exactly this mode, whatever the umask says.
    package static func write(
        _ contents: UnsafeRawBufferPointer, to path: String, mode: UInt16, existing: Existing
    ) throws(FileError) {
        #if os(Linux)
            if existing == .kept, try writeWithoutDraft(contents, to: path, mode: mode) { return }
        #endif
        let draft = draftName(for: path)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw error(path) }
        defer { unlink(draft) }
        do {
            defer { close(descriptor) }
            try writeAll(contents, to: descriptor, path)
            guard fchmod(descriptor, mode_t(mode)) == 0, fsync(descriptor) == 0 else { throw error(path) }
        }
        // link refuses a name that is taken, in one step with taking it; rename replaces in one step.
        let placed = existing == .kept ? link(draft, path) : rename(draft, path)
        guard placed == 0 else { throw error(path) }
        syncDirectory(of: path)
    }

    #if os(Linux)
        /// Writes a file that has no name until it is whole, so that a process that is killed leaves nothing behind.
        ///
        /// - Returns: Whether the file system can do that (open(2), `O_TMPFILE`).
        private static func writeWithoutDraft(
            _ contents: UnsafeRawBufferPointer, to path: String, mode: UInt16
        ) throws(FileError) -> Bool {
            // The flag is a macro that Swift does not import: __O_TMPFILE | O_DIRECTORY.
            let flags = O_WRONLY | O_CLOEXEC | O_DIRECTORY | 0o20000000
            let descriptor = open(directory(of: path), flags, mode_t(mode))
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            try writeAll(contents, to: descriptor, path)
            guard fchmod(descriptor, mode_t(mode)) == 0, fsync(descriptor) == 0 else { throw error(path) }
            // link refuses a name that is taken, in one step with taking it.
            if linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0 {
                // Without /proc the other way is still open.
                if errno == ENOENT { return false }
                throw error(path)
            }
            syncDirectory(of: path)
            return true
        }
    #endif

    /// Writes text.
    package static func write(
        _ text: String, to path: String, mode: UInt16, existing: Existing
    ) throws(FileError) {
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { contents in
            Result { () throws(FileError) -> Void in try write(contents, to: path, mode: mode, existing: existing) }
        }
        try written.get()
    }

    /// Whether something of this name is there.
    package static func exists(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    /// Gives a file that this process has made to the owner and group of another, and lets the group read it where it may
    /// read the other.
    package static func handOver(_ path: String, like model: String) throws(FileError) {
        var wanted = stat()
        var own = stat()
        guard stat(model, &wanted) == 0, stat(path, &own) == 0 else { throw error(path) }
        if own.st_uid != wanted.st_uid || own.st_gid != wanted.st_gid {
            guard chown(path, wanted.st_uid, wanted.st_gid) == 0 else {
                throw FileError(.notHandedOver, path: path, detail: "\(wanted.st_uid):\(wanted.st_gid)")
            }
        }
        guard chmod(path, own.st_mode & 0o7777 | wanted.st_mode & 0o040) == 0 else { throw error(path) }
    }

    /// Removes a file that this process has made.
    package static func remove(_ path: String) {
        unlink(path)
    }

    /// Makes a directory and those above it, closed to others; one that is there stays as it is.
    package static func makeDirectory(_ path: String) throws(FileError) {
        var reached = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            reached += reached.isEmpty || reached == "/" ? String(name) : "/\(name)"
            if mkdir(reached, 0o700) != 0 && errno != EEXIST { throw error(reached) }
        }
        var information = stat()
        guard stat(path, &information) == 0 else { throw error(path) }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(.system, path: path, detail: "it is there and is no directory")
        }
    }

    /// Runs `body` while no other process is in this directory by the same way.
    package static func lockingDirectory<Failure: Error>(
        _ path: String, else failed: (FileError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed(error(path)) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failed(error(path)) }
        }
        try body()
    }

    /// Writes bytes to a descriptor, however many calls it takes.
    package static func writeAll(
        _ contents: UnsafeRawBufferPointer, to descriptor: Int32, _ name: String
    ) throws(FileError) {
        var written = 0
        while written < contents.count {
            let rest = UnsafeRawBufferPointer(rebasing: contents[written...])
            let count = writeSome(descriptor, rest)
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw error(name)
            }
        }
    }

    /// One write(2).
    package static func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    static func draftName(for path: String) -> String {
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[...$0]) } ?? ""
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        return "\(directory).\(name).\(unique).new"
    }

    static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    static func syncDirectory(of path: String) {
        let descriptor = open(directory(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func error(_ path: String) -> FileError {
        let number = errno
        let words = String(cString: strerror(number))
        switch number {
        case EEXIST: return FileError(.exists, path: path)
        case EISDIR: return FileError(.isDirectory, path: path)
        case EACCES, EPERM, EROFS: return FileError(.denied, path: path, detail: words)
        default: return FileError(.system, path: path, detail: words)
        }
    }
}
