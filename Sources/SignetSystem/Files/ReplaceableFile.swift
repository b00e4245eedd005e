/// A file that was read to be replaced by a changed version: in one step, and only if nothing changed it since it was read.
///
/// Symbolic links stay; the file that they lead to is replaced. Mode, owner and group stay, or nothing is replaced: a program
/// that reads the file through its group must not lose access.
package struct ReplaceableFile {
    /// The path as the user wrote it.
    package let path: String
    /// The contents that were read.
    package let bytes: [UInt8]
    /// The directory of the file, all links followed.
    private let directory: Directory
    /// The file's name in that directory.
    private let name: String
    private let information: FileInformation

    /// Reads a regular file.
    package init(reading path: String) throws(SignetError) {
        self.path = path
        let place = try Place(path)
        guard let found = place.object else { throw SignetError(FileFault.notFound, path: path) }
        guard found.information.isRegular else {
            throw SignetError(
                FileFault.system, path: path, detail: "it is not a regular file, so it cannot be replaced")
        }
        let opened = openat(place.directory.number, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        let descriptor = try Descriptor(opened, path: path)
        guard descriptor.information.isSameFile(as: found.information) else {
            throw SignetError(FileFault.changed, path: path)
        }
        directory = try Directory(place.directory, named: FileWriting.directory(of: path))
        name = place.name
        information = descriptor.information
        bytes = try FileReading.bytes(descriptor)
    }

    /// Replaces the file. A reader gets all of the old contents or all of the new contents.
    ///
    /// - Throws: ``FileFault/changed`` if the file changed since it was read. After any error, the old file is still there.
    package func replace(with contents: [UInt8]) throws(SignetError) {
        guard information.links == 1 else {
            throw SignetError(FileFault.hardLinks, path: path, detail: "\(information.links)")
        }
        // Errors show the path as the user wrote it, not the path that its links lead to.
        let draft = try FileDraft(for: name, in: directory, existing: .replaced, named: path)
        try finish(draft, contents)
        guard isStill(try ReplaceableFile(reading: path)) else { throw SignetError(FileFault.changed, path: path) }
        try draft.place()
    }

    private func finish(_ draft: FileDraft, _ contents: [UInt8]) throws(SignetError) {
        try contents.withBytes(draft.write)
        guard try draft.give(to: information) else {
            throw SignetError(FileFault.foreign, path: path, detail: "\(information.user):\(information.group)")
        }
        try draft.finish(mode: information.mode)
    }

    /// Whether the path still leads to the same name, and to a file with the same contents, owner, group and mode.
    private func isStill(_ other: ReplaceableFile) -> Bool {
        other.directory.descriptor.information.isSameFile(as: directory.descriptor.information)
            && other.name == name && other.bytes == bytes && other.information.user == information.user
            && other.information.group == information.group && other.information.mode == information.mode
    }

    /// Runs `body` while no other process of Signet replaces a file in the same directory.
    package static func locking<Failure: Error>(
        _ path: String, else failed: (SignetError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        let directory: Directory
        do throws(SignetError) {
            let place = try Place(path)
            guard place.object != nil else { throw SignetError(FileFault.notFound, path: path) }
            directory = try Directory(place.directory, named: FileWriting.directory(of: path))
        } catch {
            throw failed(error)
        }
        try directory.locked(else: failed, body)
    }
}
