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
    package init(reading path: String) throws(SignetError) {
        self.path = path
        let place = try Place(path)
        guard let found = place.object else { throw SignetError(FileFault.notFound, path: path) }
        guard found.information.kind == S_IFREG else {
            throw SignetError(FileFault.system, path: path, detail: "it is no regular file, so it cannot be replaced")
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

    /// Replaces the file. Whoever opens it gets all of the old one or all of the new one.
    ///
    /// - Throws: ``FileFault/changed`` where it is no longer what was read; and then, as with every error, nothing has
    ///   been changed.
    package func replace(with contents: [UInt8]) throws(SignetError) {
        guard information.links == 1 else {
            throw SignetError(FileFault.hardLinks, path: path, detail: "\(information.links)")
        }
        // Errors name the file as it was named, not as its links lead to it.
        let draft = try FileDraft(for: name, in: directory, existing: .replaced, named: path)
        try finish(draft, contents)
        guard isStill(try ReplaceableFile(reading: path)) else { throw SignetError(FileFault.changed, path: path) }
        try draft.place()
    }

    private func finish(_ draft: FileDraft, _ contents: [UInt8]) throws(SignetError) {
        let written = contents.withUnsafeBytes { bytes in
            Result { () throws(SignetError) -> Void in try draft.write(bytes) }
        }
        try written.get()
        guard try draft.give(to: information) else {
            throw SignetError(FileFault.foreign, path: path, detail: "\(information.user):\(information.group)")
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
