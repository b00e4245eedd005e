/// What is known of a file from its descriptor.
public struct FileStatus: Sendable, Equatable {
    /// The permission bits.
    public let mode: UInt16

    /// The permission bits in octal: `0600`.
    public var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Whether others than the owner and the group may read or write.
    public var isOpenToOthers: Bool { mode & 0o006 != 0 }

    /// Whether the group may read.
    public var isReadableByGroup: Bool { mode & 0o040 != 0 }
}

/// Reads whole files by read(2) into memory of our own.
package enum FileReading {
    /// Nothing that holds a key is larger.
    package static let keyLimit = 64 * 1024
    /// Nothing that configures is larger.
    package static let textLimit = 16 * 1024 * 1024

    /// A file that may be shown: configuration, public keys, identities.
    package static func bytes(atPath path: String, limit: Int = textLimit) throws(SignetError) -> [UInt8] {
        try bytes(try Descriptor(reading: path), limit: limit)
    }

    /// What an open file holds.
    static func bytes(_ descriptor: borrowing Descriptor, limit: Int = textLimit) throws(SignetError) -> [UInt8] {
        var bytes: [UInt8] = []
        var count = 0
        while true {
            // Only when it is full: a pipe hands out a few bytes at a time.
            if count == bytes.count {
                bytes.append(contentsOf: repeatElement(0, count: max(16 * 1024, bytes.count)))
            }
            let read = bytes.withUnsafeMutableBytes { memory in
                Result { () throws(SignetError) -> Int in
                    try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
                }
            }
            let length = try read.get()
            count += length
            if length == 0 { break }
            if count > limit { throw SignetError(FileFault.tooLarge, path: descriptor.path, detail: "\(limit) bytes") }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// A file that holds a secret, together with its mode.
    package static func secret(
        atPath path: String, refusingOpenModes: Bool = true
    ) throws(SignetError) -> (SecretBytes, FileStatus) {
        try secret(try Descriptor(reading: path), refusingOpenModes: refusingOpenModes)
    }

    private static func secret(
        _ descriptor: borrowing Descriptor, refusingOpenModes: Bool
    ) throws(SignetError) -> (SecretBytes, FileStatus) {
        let (path, status) = (descriptor.path, descriptor.status)
        if refusingOpenModes && status.isOpenToOthers {
            throw SignetError(FileFault.openToOthers, path: path, detail: status.octalMode)
        }
        let secret = try SecretBytes(capacity: keyLimit + 1) { memory throws(SignetError) -> Int in
            var count = 0
            while count < memory.count {
                let read = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
                if read == 0 { return count }
                count += read
            }
            throw SignetError(FileFault.tooLarge, path: path, detail: "a key can be (\(keyLimit) bytes)")
        }
        // The read needed room for the largest; what is kept for long is as large as the secret.
        return (secret.withUnsafeBytes { SecretBytes(copying: $0) }, status)
    }

    /// An environment variable, copied out of the environment without a `String` in between.
    package static func environment(_ name: String) -> SecretBytes? {
        guard let value = getenv(name) else { return nil }
        return SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }
}

/// An open file that is closed when it goes.
struct Descriptor: ~Copyable {
    private let number: Int32
    let path: String
    let information: FileInformation

    init(reading path: String) throws(SignetError) {
        try self.init(
            path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC),
            path: path == "-" ? "standard input" : path)
    }

    /// Takes what an open(2) has returned, and closes it.
    init(_ opened: Int32, path: String) throws(SignetError) {
        guard opened >= 0, let information = FileInformation(of: opened) else { throw Self.error(path) }
        guard information.kind != S_IFDIR else {
            close(opened)
            throw SignetError(FileFault.isDirectory, path: path)
        }
        number = opened
        self.path = path
        self.information = information
    }

    /// The bytes of a regular file when it was opened; nil for anything else.
    var size: Int64? { information.kind == S_IFREG ? information.size : nil }

    /// Its mode; a pipe has none that anybody chose.
    var status: FileStatus {
        FileStatus(mode: information.kind == S_IFREG ? UInt16(information.mode) : 0o600)
    }

    deinit {
        close(number)
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws(SignetError) -> Int {
        while true {
            let count = readBytes(number, memory)
            if count >= 0 { return count }
            if errno != EINTR { throw Self.error(path) }
        }
    }

    private static func error(_ path: String) -> SignetError {
        let number = errno
        switch number {
        case ENOENT: return SignetError(FileFault.notFound, path: path)
        case EISDIR: return SignetError(FileFault.isDirectory, path: path)
        case EACCES, EPERM: return SignetError(FileFault.denied, path: path, detail: String(cString: strerror(number)))
        default: return SignetError(FileFault.system, path: path, detail: String(cString: strerror(number)))
        }
    }
}
