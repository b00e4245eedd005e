import SignetJOSE
import SignetSystem

/// An audit file that is open, and locked against every other process that would write to it.
///
/// Not thread-safe.
final class AuditDescriptor {
    let number: Int32
    /// The file, as it was when it was opened.
    let information: FileInformation
    private let path: String
    private let system: AuditSystem
    /// How many bytes of lines that were not finished stand at the end.
    var torn: Int64 = 0

    init(path: String, system: AuditSystem) throws(SignetError) {
        self.path = path
        self.system = system
        (number, information) = try Self.open(path)
    }

    deinit {
        close(number)
    }

    /// Opens and locks what stands under the path at the moment when both are done.
    private static func open(_ path: String) throws(SignetError) -> (Int32, FileInformation) {
        while true {
            let (folder, name) = try place(of: path)
            // A link could lead the lines anywhere, and moving it away would rotate nothing.
            let descriptor = folder.openForAppending(name)
            guard descriptor >= 0 else {
                if errno == EINTR { continue }
                if errno == ELOOP {
                    throw SignetError(
                        audit:
                            "the audit file \(path) is a symbolic link", hint: "configure the path of its target")
                }
                throw failure("cannot be opened", path)
            }
            do throws(SignetError) {
                try lock(descriptor, path)
            } catch {
                close(descriptor)
                throw error
            }
            if let information = FileInformation(of: descriptor), isFile(information, at: path) {
                folder.synchronise()
                return (descriptor, information)
            }
            // The file was rotated in between.
            close(descriptor)
        }
    }

    private static func lock(_ descriptor: Int32, _ path: String) throws(SignetError) {
        guard let information = FileInformation(of: descriptor) else { throw failure("cannot be read", path) }
        guard information.isRegular else {
            throw SignetError(audit: "the audit file \(path) is not a regular file", hint: "name a file on a disk")
        }
        // The owner of the folder may have made a hard link to another file.
        guard information.links < 2 else {
            throw SignetError(
                audit:
                    "the audit file \(path) has \(information.links) names (hard links)",
                hint: "configure a file with one name")
        }
        guard information.mode & 0o022 == 0 else {
            throw SignetError(audit: "other users may write the audit file \(path)", hint: "chmod 600 \(path)")
        }
        var tries = 50
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK {
                // A process that starts a program holds its locks twice until the program begins. So the lock of a
                // process that has ended can stay for a moment.
                tries -= 1
                if tries > 0 {
                    usleep(20_000)
                    continue
                }
                throw SignetError(
                    audit:
                        "another process writes the audit file \(path)",
                    hint: "each gateway needs its own file: stop the other gateway, or configure another file")
            }
            throw failure("cannot be locked", path)
        }
    }

    private static func isFile(_ opened: FileInformation, at path: String) -> Bool {
        guard let (folder, name) = try? place(of: path), let named = folder.information(of: name) else { return false }
        return opened.isSameFile(as: named)
    }

    /// The folder, to which no link of another user leads unless it is that user's, and the name in it.
    private static func place(of path: String) throws(SignetError) -> (Directory, String) {
        do throws(SignetError) {
            let folder = try Directory(FileWriting.directory(of: path))
            return (folder, path.split(separator: "/").last.map(String.init) ?? ".")
        } catch {
            guard !error.isFault(FileFault.notFound) else {
                errno = ENOENT
                throw failure("cannot be opened", path)
            }
            throw SignetError(audit: "the audit file \(path) cannot be opened: \(error.reason)", hint: error.hint)
        }
    }

    /// Whether the path still leads here.
    var isInPlace: Bool { Self.isFile(information, at: path) }

    /// Whether the file was removed: then everything written into it is lost when the process ends.
    var isNameless: Bool {
        FileInformation(of: number)?.links == 0
    }

    // MARK: Writing

    /// Appends lines by one write(2): all of them, or nothing that stays.
    func append(_ lines: UnsafeRawBufferPointer) throws(SignetError) {
        try removeTorn()
        var count = system.write(number, lines)
        while count < 0 && errno == EINTR { count = system.write(number, lines) }
        guard count != lines.count else { return }
        let reason = count < 0 ? errno : ENOSPC
        torn = Int64(max(0, count))
        try? removeTorn()
        errno = reason
        throw Self.failure("cannot be written", path)
    }

    /// Shows that there is room for many lines, after a write has failed: a disk that has room for one more is full.
    func proveRoom() throws(SignetError) {
        // What a crash leaves of these is taken for an unfinished line.
        let zeros = [UInt8](repeating: 0, count: 16 * 1024)
        try zeros.withBytes(append)
        torn = Int64(zeros.count)
        try removeTorn()
    }

    /// Cuts off what a write left that did not finish.
    func removeTorn() throws(SignetError) {
        guard torn > 0 else { return }
        // Nobody else appends, so what was written last stands last, wherever the end is now.
        let size = try size()
        try cut(to: max(0, size - torn))
    }

    /// Cuts the file.
    func cut(to size: Int64) throws(SignetError) {
        guard system.truncate(number, size) == 0 else {
            throw Self.failure("cannot be truncated after its last line", path)
        }
        torn = 0
    }

    /// Waits until what was written is on the disk.
    func synchronise() throws(SignetError) {
        while system.synchronise(number) != 0 {
            guard errno == EINTR else { throw Self.failure("cannot be flushed to the disk", path) }
        }
    }

    // MARK: Reading

    func size() throws(SignetError) -> Int64 {
        guard let information = FileInformation(of: number) else { throw Self.failure("cannot be read", path) }
        return information.size
    }

    /// The last bytes, at most `limit`.
    func lastBytes(limit: Int) throws(SignetError) -> (start: Int64, bytes: [UInt8]) {
        let size = try size()
        let start = max(0, size - Int64(limit))
        var bytes = [UInt8](repeating: 0, count: Int(size - start))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { memory in
                pread(number, memory.baseAddress.map { $0 + count }, memory.count - count, off_t(start) + off_t(count))
            }
            if read < 0 && errno == EINTR { continue }
            guard read > 0 else { throw Self.failure("cannot be read", path) }
            count += read
        }
        return (start, bytes)
    }

    // MARK: Pieces

    static func failure(_ what: String, _ path: String) -> SignetError {
        SignetError(audit: "the audit file \(path) \(what): \(String(cString: strerror(errno)))")
    }
}

/// The calls by which a line gets onto the disk, so that a test can have a disk that fails.
struct AuditSystem: Sendable {
    /// write(2).
    var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int = { writeBytes($0, $1) }
    /// ftruncate(2).
    var truncate: @Sendable (Int32, Int64) -> Int32 = { ftruncate($0, off_t($1)) }
    /// fdatasync(2).
    var synchronise: @Sendable (Int32) -> Int32 = { FileWriting.synchroniseData(of: $0) }
    /// How often the file is looked after, in milliseconds: moved away? fit for use again?
    var lookInterval: Int64 = 1_000
    /// How long a turn may take, in milliseconds, before nothing more is taken on: the disk hangs.
    var hangLimit: UInt64 = 5_000
    /// How many lines wait at most.
    var waitingLimit = 16_384
}
