/// A new file that gets its name last, when its contents, owner and mode are complete.
package final class FileDraft {
    private let number: Int32
    private let directory: Directory
    private let name: String
    private let existing: Directory.Existing
    /// The temporary name; nil for a file without a name, so that a process that is killed leaves no file behind.
    private(set) var draftName: String?

    /// The path in errors.
    private let path: String

    /// Makes the file: empty, mode 0600.
    ///
    /// - Parameter path: The path in errors; nil for the directory's path and the name.
    init(
        for name: String, in directory: Directory, existing: Directory.Existing, named path: String? = nil
    ) throws(SignetError) {
        self.name = name
        self.path = path ?? directory.path(of: name)
        self.directory = directory
        self.existing = existing
        // Only linkat gives a name to a file without one, and linkat never replaces a file.
        if existing == .kept {
            // open(2), O_TMPFILE: a macro that Swift does not import.
            let flags = O_WRONLY | O_CLOEXEC | O_DIRECTORY | 0o20000000
            let nameless = openat(directory.descriptor.number, ".", flags, 0o600)
            // linkat below needs /proc.
            if nameless >= 0, access("/proc/self/fd/\(nameless)", F_OK) == 0 {
                number = nameless
                return
            }
            if nameless >= 0 { close(nameless) }
        }
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
    /// - Returns: Whether it has both now.
    func give(to model: FileInformation) throws(SignetError) -> Bool {
        // Two calls: only root can change the owner, but any user can set a group that they are in.
        _ = fchown(number, model.user, .max)
        _ = fchown(number, .max, model.group)
        guard let own = FileInformation(of: number) else { throw FileWriting.error(path) }
        return own.user == model.user && own.group == model.group
    }

    /// Sets the mode and writes the file to the disk. Called after the owner is set: that change clears bits of the mode.
    func finish(mode: mode_t) throws(SignetError) {
        guard fchmod(number, mode) == 0, fsync(number) == 0 else { throw FileWriting.error(path) }
    }

    /// Gives it its name in one step: it replaces the file of that name, or fails because there is one.
    package func place() throws(SignetError) {
        // The directory's owner may have put another file in its place.
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
