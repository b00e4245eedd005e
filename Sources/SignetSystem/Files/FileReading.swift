/// The permissions of a file that was read.
package struct FileStatus: Sendable, Equatable {
    /// The permission bits.
    package let mode: UInt16

    /// The permission bits in octal: `0600`.
    package var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Whether users other than the owner and the group may read or write.
    package var isOpenToOthers: Bool { mode & 0o006 != 0 }

    /// Whether the group may read.
    package var isReadableByGroup: Bool { mode & 0o040 != 0 }
}

/// Reads whole files with read(2), so that no library keeps a copy of a secret.
package enum FileReading {
    /// The largest key file, in bytes.
    package static let keyLimit = 64 * 1024
    /// The largest file of any other kind, in bytes.
    package static let textLimit = 16 * 1024 * 1024

    /// Reads a file that is not secret: configuration, public keys, identities.
    package static func bytes(atPath path: String, limit: Int = textLimit) throws(SignetError) -> [UInt8] {
        try bytes(try Descriptor(reading: path), limit: limit)
    }

    /// Reads an open file to its end.
    static func bytes(_ descriptor: borrowing Descriptor, limit: Int = textLimit) throws(SignetError) -> [UInt8] {
        var bytes: [UInt8] = []
        var count = 0
        while true {
            // The buffer grows only when it is full: a pipe returns a few bytes at a time.
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

    /// Reads a file that holds a secret, and its permissions.
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
        // The buffer above has room for the largest key. The copy that is kept has the secret's own size.
        return (secret.withUnsafeBytes { SecretBytes(copying: $0) }, status)
    }

    /// Copies an environment variable without making a `String` of it; nil if the variable is not set.
    package static func environment(_ name: String) -> SecretBytes? {
        guard let value = getenv(name) else { return nil }
        return SecretBytes(copying: UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }
}

/// An open file, closed by `deinit`.
struct Descriptor: ~Copyable {
    private let number: Int32
    let path: String
    let information: FileInformation

    init(reading path: String) throws(SignetError) {
        try self.init(
            path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC),
            path: path == "-" ? "standard input" : path)
    }

    /// Takes over the result of open(2), and closes it later.
    init(_ opened: Int32, path: String) throws(SignetError) {
        guard opened >= 0, let information = FileInformation(of: opened) else { throw FileWriting.error(path) }
        guard !information.isDirectory else {
            close(opened)
            throw SignetError(FileFault.isDirectory, path: path)
        }
        number = opened
        self.path = path
        self.information = information
    }

    /// The size of a regular file when it was opened, in bytes; nil for any other kind of file.
    var size: Int64? { information.isRegular ? information.size : nil }

    /// The permissions. A pipe counts as private: no user chose its mode.
    var status: FileStatus {
        FileStatus(mode: information.isRegular ? UInt16(information.mode) : 0o600)
    }

    deinit {
        close(number)
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws(SignetError) -> Int {
        while true {
            let count = readBytes(number, memory)
            if count >= 0 { return count }
            if errno != EINTR { throw FileWriting.error(path) }
        }
    }
}

/// A file that is read in pieces, for inputs of any length.
package final class InputFile {
    private let descriptor: Descriptor

    /// Opens a file; `-` is standard input.
    package init(path: String) throws(SignetError) {
        descriptor = try Descriptor(reading: path)
    }

    /// The size of a regular file when it was opened, in bytes; nil for a pipe or a device.
    package var size: Int64? { descriptor.size }

    /// Fills at most the whole buffer, and returns the number of bytes; 0 at the end of the file.
    package func read(into buffer: inout [UInt8]) throws(SignetError) -> Int {
        let count = buffer.withUnsafeMutableBytes { memory in
            Result { () throws(SignetError) -> Int in try descriptor.read(into: memory) }
        }
        return try count.get()
    }
}
