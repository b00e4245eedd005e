/// An open directory, whose files are looked at, made, replaced and removed by their names in it.
///
/// Another user may own it, and swap anything in it at any moment. So nothing here follows a link in it, and owner and mode are
/// given to a file by its descriptor, before it has its name.
package final class Directory: Sendable {
    /// The directory as it was named.
    package let path: String
    let descriptor: PathDescriptor
    /// The directories that were made for it, each by the one that it is in and its name.
    private let made: [(parent: PathDescriptor, name: String)]

    init(
        _ descriptor: PathDescriptor, named path: String, made: [(parent: PathDescriptor, name: String)] = []
    ) throws(SignetError) {
        guard descriptor.information.isDirectory else {
            throw SignetError(FileFault.system, path: path, detail: "it is there and is no directory")
        }
        self.descriptor = descriptor
        self.path = path
        self.made = made
    }

    /// Opens a directory.
    package convenience init(_ path: String) throws(SignetError) {
        guard let object = try Place(path).object else { throw SignetError(FileFault.notFound, path: path) }
        try self.init(object, named: path)
    }

    /// Opens the directory that a file is in, or shall be in.
    package convenience init(of path: String) throws(SignetError) {
        try self.init(FileWriting.directory(of: path))
    }

    /// Opens a directory, and makes it and those above it where they are missing, closed to others.
    package static func make(_ path: String) throws(SignetError) -> Directory {
        guard !path.isEmpty else { throw SignetError(FileFault.notFound, path: path) }
        return try make(
            path, from: try PathDescriptor(directory: path.hasPrefix("/") ? "/" : ".", named: path), named: path)
    }

    /// The same for a directory in this one.
    package func make(_ name: String) throws(SignetError) -> Directory {
        try Self.make(name, from: descriptor, named: self.path(of: name))
    }

    private static func make(
        _ text: String, from start: PathDescriptor, named path: String
    ) throws(SignetError) -> Directory {
        var directory = start
        var made: [(parent: PathDescriptor, name: String)] = []
        for name in text.split(separator: "/").map(String.init) {
            var place = try Place(name, in: directory, named: path)
            if place.object == nil {
                // Another process may make it at this moment; a link that leads nowhere is in the way.
                if mkdirat(directory.number, name, 0o700) == 0 {
                    made.append((directory, name))
                } else if errno != EEXIST {
                    throw FileWriting.error(path)
                }
                place = try Place(name, in: directory, named: path)
            }
            guard let object = place.object else { throw SignetError(FileFault.notFound, path: path) }
            directory = object
        }
        return try Directory(directory, named: path, made: made)
    }

    /// Removes the directories that were made for this one, unless something is in them.
    package func removeIfMade() {
        for (parent, name) in made.reversed() { unlinkat(parent.number, name, AT_REMOVEDIR) }
    }

    /// A file of it, by a path from where the directory's own starts.
    package func path(of name: String) -> String {
        path == "." ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// A path that leads to this directory for as long as it is open, whatever becomes of its own; nil without /proc.
    package var descriptorPath: String? {
        let path = "/proc/self/fd/\(descriptor.number)"
        return access(path, F_OK) == 0 ? path : nil
    }

    /// Its path without links; nil where that is not to be had.
    var realPath: String? {
        guard let found = descriptorPath, let resolved = realpath(found, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What has this name; a symbolic link as itself.
    package func information(of name: String) -> FileInformation? {
        var information = stat()
        guard fstatat(descriptor.number, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileInformation(information)
    }

    /// Whether something has this name.
    package func contains(_ name: String) -> Bool {
        information(of: name) != nil
    }

    /// Removes a file that this process has made.
    ///
    /// - Returns: Whether it is gone. The error is left in `errno`.
    @discardableResult
    package func remove(_ name: String) -> Bool {
        unlinkat(descriptor.number, name, 0) == 0 || errno == ENOENT
    }

    /// What happens to a file of the same name.
    package enum Existing: Sendable {
        /// It stays, and ``FileFault/exists`` is thrown; also when another process makes it at this moment.
        case kept
        /// It is replaced in one step.
        case replaced
    }

    /// Makes a file that is on the disk and has no name yet.
    ///
    /// - Parameters:
    ///   - name: The name that it is to get.
    ///   - mode: Its mode, whatever the umask says.
    ///   - owner: The file whose owner and group it gets; nil for those of this process.
    package func draft(
        _ contents: UnsafeRawBufferPointer, for name: String, mode: mode_t, owner: FileInformation? = nil,
        existing: Existing
    ) throws(SignetError) -> FileDraft {
        let draft = try FileDraft(for: name, in: self, existing: existing)
        try draft.write(contents)
        if let owner, try !draft.give(to: owner) {
            throw SignetError(FileFault.notHandedOver, path: path(of: name), detail: "\(owner.user):\(owner.group)")
        }
        try draft.finish(mode: mode)
        return draft
    }

    /// Makes a file of text.
    package func draft(
        _ text: String, for name: String, mode: mode_t, owner: FileInformation? = nil, existing: Existing
    ) throws(SignetError) -> FileDraft {
        let bytes = Array(text.utf8)
        let made = bytes.withUnsafeBytes { contents in
            Result { () throws(SignetError) -> FileDraft in
                try draft(contents, for: name, mode: mode, owner: owner, existing: existing)
            }
        }
        return try made.get()
    }

    /// The directories that this process has locked.
    private static let held = Lock<[FileInformation]>([])

    /// Runs `body` while no other process is in this directory by the same way. A process that has locked it already goes on.
    package func locked<Failure: Error>(
        else failed: (SignetError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let own = descriptor.information
        guard !Self.held.withLock({ $0.contains(where: own.isSameFile) }) else { return try body() }
        let lock = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw failed(FileWriting.error(path)) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failed(FileWriting.error(path)) }
        }
        Self.held.withLock { $0.append(own) }
        defer { Self.held.withLock { $0.removeAll(where: own.isSameFile) } }
        try body()
    }

    /// Opens a file to be read and appended to, and makes it with mode 0600 where there is none; a link is refused.
    ///
    /// - Returns: The descriptor, or -1 with `errno`.
    package func openForAppending(_ name: String) -> Int32 {
        openat(
            descriptor.number, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    }

    /// A new name is on the disk once its directory is.
    package func synchronise() {
        let opened = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return }
        fsync(opened)
        close(opened)
    }
}
