/// A file that is being made, and gets its name last: it is whole then, and has its owner and mode.
package final class FileDraft {
    private let number: Int32
    private let directory: Directory
    private let name: String
    private let existing: Directory.Existing
    /// The name that it has meanwhile; nil for a file that has none, so that a process that is killed leaves nothing behind.
    private(set) var draftName: String?

    /// What errors call it.
    private let path: String

    /// Makes the file, empty and closed to everybody else.
    ///
    /// - Parameter path: What errors call it; nil for the directory's path and the name.
    init(
        for name: String, in directory: Directory, existing: Directory.Existing, named path: String? = nil
    ) throws(SignetError) {
        self.name = name
        self.path = path ?? directory.path(of: name)
        self.directory = directory
        self.existing = existing
        #if os(Linux)
            // Only link gives a name to a file that has none, and link replaces nothing.
            if existing == .kept {
                // open(2), O_TMPFILE: a macro that Swift does not import.
                let flags = O_WRONLY | O_CLOEXEC | O_DIRECTORY | 0o20000000
                let nameless = openat(directory.descriptor.number, ".", flags, 0o600)
                // Without /proc it could get no name.
                if nameless >= 0, access("/proc/self/fd/\(nameless)", F_OK) == 0 {
                    number = nameless
                    return
                }
                if nameless >= 0 { close(nameless) }
            }
        #endif
        let draftName = ".\(name).\(String(UInt64.random(in: .min ... .max), radix: 36)).new"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        number = openat(directory.descriptor.number, draftName, flags, 0o600)
        guard number >= 0 else { throw FileWriting.error(self.path, beside: path == nil ? nil : directory) }
        self.draftName = draftName
    }

    deinit {
        if let draftName, isInPlace { directory.remove(draftName) }
        if number >= 0 { close(number) }
    }

    func write(_ contents: UnsafeRawBufferPointer) throws(SignetError) {
        try FileWriting.writeAll(contents, to: number, path)
    }

    /// Gives it the owner and group of another file.
    ///
    /// - Returns: Whether this process could.
    func give(to model: FileInformation) throws(SignetError) -> Bool {
        // Only root can give a file away, and others can keep a group that they are in: each is tried for itself.
        _ = fchown(number, model.user, .max)
        _ = fchown(number, .max, model.group)
        guard let own = FileInformation(of: number) else { throw FileWriting.error(path) }
        return own.user == model.user && own.group == model.group
    }

    /// Brings it to the disk with its mode; after the owner, whose change would cut the mode down.
    func finish(mode: mode_t) throws(SignetError) {
        guard fchmod(number, mode) == 0, fsync(number) == 0 else { throw FileWriting.error(path) }
    }

    /// Gives it its name, in one step with taking that from another file or finding it taken.
    package func place() throws(SignetError) {
        // Whoever owns the directory may have put another file in its place.
        guard draftName == nil || isInPlace else { throw SignetError(FileFault.changed, path: path) }
        let folder = directory.descriptor.number
        let isPlaced =
            switch (existing, draftName) {
            case (.replaced, let draftName?): renameat(folder, draftName, folder, name) == 0
            case (.kept, let draftName?): linkat(folder, draftName, folder, name, 0) == 0
            case (_, nil): linkat(AT_FDCWD, "/proc/self/fd/\(number)", folder, name, AT_SYMLINK_FOLLOW) == 0
            }
        guard isPlaced else {
            throw errno == EBUSY ? SignetError(FileFault.mounted, path: path) : FileWriting.error(path)
        }
        directory.synchronise()
    }

    private var isInPlace: Bool {
        guard let draftName, let own = FileInformation(of: number), let named = directory.information(of: draftName)
        else { return false }
        return own.isSameFile(as: named)
    }
}
