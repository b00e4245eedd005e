/// An open directory. Files in it are inspected, made, replaced and removed by name.
///
/// Another user may own the directory and replace any file in it at any moment. So no link in it is followed, and a file gets
/// its owner and mode through its descriptor before it gets its name.
package final class Directory: Sendable {
    /// The path as the user wrote it.
    package let path: String
    let descriptor: PathDescriptor
    /// The directories that ``make(_:)`` created on the way here, each with its parent.
    private let made: [(parent: PathDescriptor, name: String)]

    init(
        _ descriptor: PathDescriptor, named path: String, made: [(parent: PathDescriptor, name: String)] = []
    ) throws(SignetError) {
        guard descriptor.information.isDirectory else {
            throw SignetError(FileFault.system, path: path, detail: "it exists and is not a directory")
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

    /// Opens the directory of a file, which need not exist.
    package convenience init(of path: String) throws(SignetError) {
        try self.init(FileWriting.directory(of: path))
    }

    /// Opens a directory. Creates it and its parents where they are missing, with mode 0700.
    package static func make(_ path: String) throws(SignetError) -> Directory {
        guard !path.isEmpty else { throw SignetError(FileFault.notFound, path: path) }
        return try make(
            path, from: try PathDescriptor(directory: path.hasPrefix("/") ? "/" : ".", named: path), named: path)
    }

    /// Opens or creates a directory in this one.
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
                // EEXIST: another process created it at this moment, or the name is a link that leads nowhere.
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

    /// Removes the directories that ``make(_:)`` created, if they are empty.
    package func removeIfMade() {
        for (parent, name) in made.reversed() { unlinkat(parent.number, name, AT_REMOVEDIR) }
    }

    /// The path of a file in it, relative if the directory's path is.
    package func path(of name: String) -> String {
        path == "." ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// A path that leads to this directory while it is open, even after a rename; nil without /proc.
    package var descriptorPath: String? {
        let path = "/proc/self/fd/\(descriptor.number)"
        return access(path, F_OK) == 0 ? path : nil
    }

    /// The absolute path without links; nil if the system does not tell.
    var realPath: String? {
        guard let found = descriptorPath, let resolved = realpath(found, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The file of this name, links not followed; nil if there is none.
    package func information(of name: String) -> FileInformation? {
        var information = stat()
        guard fstatat(descriptor.number, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileInformation(information)
    }

    /// Whether there is a file of this name.
    package func contains(_ name: String) -> Bool {
        information(of: name) != nil
    }

    /// Removes a file.
    ///
    /// - Returns: Whether there is no such file now. Otherwise the error is in `errno`.
    @discardableResult
    package func remove(_ name: String) -> Bool {
        unlinkat(descriptor.number, name, 0) == 0 || errno == ENOENT
    }

    /// The treatment of an existing file of the same name.
    package enum Existing: Sendable {
        /// It stays, and ``FileFault/exists`` is thrown, even if another process creates it at this moment.
        case kept
        /// It is replaced in one step.
        case replaced
    }

    /// Makes a file that is complete on the disk, but has no name yet.
    ///
    /// - Parameters:
    ///   - name: The name that ``FileDraft/place()`` will give it.
    ///   - mode: Its mode; the umask does not apply.
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

    /// Makes a text file in the same way.
    package func draft(
        _ text: String, for name: String, mode: mode_t, owner: FileInformation? = nil, existing: Existing
    ) throws(SignetError) -> FileDraft {
        try Array(text.utf8).withBytes { contents throws(SignetError) in
            try draft(contents, for: name, mode: mode, owner: owner, existing: existing)
        }
    }

    /// The directories that this process has locked: flock(2) would block a second lock of the same process.
    private static let held = Lock<[FileInformation]>([])

    /// Runs `body` while no other process runs a body in this way for the same directory. Calls can be nested.
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

    /// Opens a file for reading and appending. Creates it with mode 0600 if it is missing, and refuses a link.
    ///
    /// - Returns: The descriptor, or -1 with `errno`.
    package func openForAppending(_ name: String) -> Int32 {
        openat(
            descriptor.number, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    }

    /// Writes the directory to the disk, which makes a new name in it durable.
    package func synchronise() {
        let opened = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return }
        fsync(opened)
        close(opened)
    }
}
