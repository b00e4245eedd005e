/// A file that was read in order to be replaced by a changed one: in one step, and only if it is still what was read.
///
/// Symbolic links stay; what they lead to is replaced. Mode, owner and group stay, or nothing is replaced:
/// whoever reads the file by its group must not lose it.
package struct ReplaceableFile {
    /// The file as it was named.
    package let path: String
    /// What was read.
    package let bytes: [UInt8]
    /// The directory of what the path leads to.
    private let directory: Directory
    /// The file's name there.
    private let name: String
    /// What is known of the file whose bytes these are.
    private let information: FileInformation

    /// Reads a regular file.
    package init(reading path: String) throws(FileError) {
        self.path = path
        let place = try Place(path)
        guard let found = place.object else { throw FileError(.notFound, path: path) }
        guard found.information.kind == S_IFREG else {
            throw FileError(.system, path: path, detail: "it is no regular file, so it cannot be replaced")
        }
        let opened = openat(place.directory.number, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        let descriptor = try Descriptor(opened, path: path)
        guard descriptor.information.isSameFile(as: found.information) else { throw FileError(.changed, path: path) }
        directory = try Directory(place.directory, named: FileWriting.directory(of: path))
        name = place.name
        information = descriptor.information
        bytes = try FileReading.bytes(descriptor)
    }

    /// Replaces the file. Whoever opens it gets all of the old one or all of the new one.
    ///
    /// - Throws: ``FileError/Kind/changed`` where it is no longer what was read; and then, as with every error, nothing has
    ///   been changed.
    package func replace(with contents: [UInt8]) throws(FileError) {
        guard information.links == 1 else { throw FileError(.hardLinks, path: path, detail: "\(information.links)") }
        let draft: FileDraft
        do {
            draft = try FileDraft(for: name, in: directory, existing: .replaced)
        } catch {
            throw folderError(error)
        }
        do throws(FileError) {
            try finish(draft, contents)
            guard isStill(try ReplaceableFile(reading: path)) else { throw FileError(.changed, path: path) }
            try draft.place()
        } catch {
            // The file as it was named, not as its links lead to it.
            throw FileError(error.kind, path: path, detail: error.detail)
        }
    }

    private func finish(_ draft: FileDraft, _ contents: [UInt8]) throws(FileError) {
        let written = contents.withUnsafeBytes { bytes in
            Result { () throws(FileError) -> Void in try draft.write(bytes) }
        }
        try written.get()
        guard try draft.give(to: information) else {
            throw FileError(.foreign, path: path, detail: "\(information.user):\(information.group)")
        }
        try draft.finish(mode: information.mode)
    }

    /// Whether the path leads to the same name, and to a file that nobody could tell from what was read.
    private func isStill(_ other: ReplaceableFile) -> Bool {
        other.directory.descriptor.information.isSameFile(as: directory.descriptor.information)
            && other.name == name && other.bytes == bytes && other.information.user == information.user
            && other.information.group == information.group && other.information.mode == information.mode
    }

    /// Runs `body` while no other process replaces a file of the same directory in this way.
    package static func locking<Failure: Error>(
        _ path: String, else failed: (FileError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let directory: Directory
        do throws(FileError) {
            let place = try Place(path)
            guard place.object != nil else { throw FileError(.notFound, path: path) }
            directory = try Directory(place.directory, named: FileWriting.directory(of: path))
        } catch {
            throw failed(error)
        }
        try directory.locked(else: failed, body)
    }

    private func folderError(_ error: FileError) -> FileError {
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let folder = FileWriting.directory(of: resolved.map { String(cString: $0) } ?? path)
        return FileError(
            error.kind, path: path, detail: "nothing can be written beside it, in \(folder): \(error.detail)")
    }
}
