#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that was read in order to be replaced by a changed one: in one step, and only if it is still what was read.
///
/// Symbolic links stay; what they lead to is replaced. Mode, owner and group stay, or nothing is replaced:
/// whoever reads the file by its group must not lose it.
package struct ReplaceableFile {
    /// The file as it was named.
    package let path: String
    /// What was read.
    package let bytes: [UInt8]
    /// What the path leads to.
    private let target: String
    private let information: stat

    /// Reads a regular file.
    package init(reading path: String) throws(FileError) {
        self.path = path
        target = try Self.target(of: path)
        information = try Self.information(target, named: path)
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw FileError(.system, path: path, detail: "it is no regular file, so it cannot be replaced")
        }
        bytes = try FileReading.bytes(atPath: target)
    }

    /// Replaces the file. Whoever opens it gets all of the old one or all of the new one.
    ///
    /// - Throws: ``FileError/Kind/changed`` where it is no longer what was read; and then, as with every error, nothing has
    ///   been changed.
    package func replace(with contents: [UInt8]) throws(FileError) {
        let draft = FileWriting.draftName(for: target)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw folderError() }
        defer { unlink(draft) }
        do {
            defer { close(descriptor) }
            try write(contents, to: descriptor)
        }
        guard try Self.target(of: path) == target, try FileReading.bytes(atPath: target) == bytes else {
            throw FileError(.changed, path: path)
        }
        guard rename(draft, target) == 0 else { throw FileWriting.error(path) }
        FileWriting.syncDirectory(of: target)
    }

    /// Runs `body` while no other process replaces a file of the same directory in this way.
    package static func locking<Failure: Error>(
        _ path: String, else failed: (FileError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let resolved = Result { () throws(FileError) -> String in try target(of: path) }
        switch resolved {
        case .failure(let error): throw failed(error)
        case .success(let target):
            try FileWriting.lockingDirectory(FileWriting.directory(of: target), else: failed, body)
        }
    }

    private func write(_ contents: [UInt8], to descriptor: Int32) throws(FileError) {
        let written = contents.withUnsafeBytes { bytes in
            Result { () throws(FileError) -> Void in try FileWriting.writeAll(bytes, to: descriptor, path) }
        }
        try written.get()
        // Only root can give a file away, and others can keep a group that they are in: each is tried for itself, and
        // before the mode, which a change of the owner would cut down.
        _ = fchown(descriptor, information.st_uid, .max)
        _ = fchown(descriptor, .max, information.st_gid)
        var draft = stat()
        guard fstat(descriptor, &draft) == 0 else { throw FileWriting.error(path) }
        guard draft.st_uid == information.st_uid, draft.st_gid == information.st_gid else {
            throw FileError(.foreign, path: path, detail: "\(information.st_uid):\(information.st_gid)")
        }
        guard fchmod(descriptor, information.st_mode & 0o7777) == 0, fsync(descriptor) == 0 else {
            throw FileWriting.error(path)
        }
    }

    private func folderError() -> FileError {
        let error = FileWriting.error(path)
        let folder = FileWriting.directory(of: target)
        return FileError(
            error.kind, path: path, detail: "nothing can be written beside it, in \(folder): \(error.detail)")
    }

    private static func target(of path: String) throws(FileError) -> String {
        guard let resolved = realpath(path, nil) else { throw readingError(path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func information(_ target: String, named path: String) throws(FileError) -> stat {
        var information = stat()
        guard stat(target, &information) == 0 else { throw readingError(path) }
        return information
    }

    private static func readingError(_ path: String) -> FileError {
        errno == ENOENT ? FileError(.notFound, path: path) : FileWriting.error(path)
    }
}
