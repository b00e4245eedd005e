/// The parts that all ways of writing a file share: write(2) and the system's errors.
package enum FileWriting {
    /// Whether the path exists; a symbolic link that leads nowhere counts.
    package static func exists(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    /// Writes all bytes to a descriptor, in as many calls as that needs.
    package static func writeAll(
        _ contents: UnsafeRawBufferPointer, to descriptor: Int32, _ name: String
    ) throws(SignetError) {
        var written = 0
        while written < contents.count {
            let rest = UnsafeRawBufferPointer(rebasing: contents[written...])
            let count = writeBytes(descriptor, rest)
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw error(name)
            }
        }
    }

    /// fdatasync(2).
    package static func synchroniseData(of descriptor: Int32) -> Int32 {
        fdatasync(descriptor)
    }

    /// The directory part of a path: `.` for a bare name.
    package static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// The error that `errno` stands for.
    ///
    /// - Parameter directory: The directory in which no new file could be made, for the message.
    static func error(_ path: String, beside directory: Directory? = nil) -> SignetError {
        let number = errno
        let note = directory.map { "nothing can be written beside it, in \($0.realPath ?? $0.path): " } ?? ""
        let words = note + String(cString: strerror(number))
        switch number {
        case ENOENT: return SignetError(FileFault.notFound, path: path)
        case EEXIST: return SignetError(FileFault.exists, path: path)
        case EISDIR: return SignetError(FileFault.isDirectory, path: path)
        case EACCES, EPERM, EROFS: return SignetError(FileFault.denied, path: path, detail: words)
        default: return SignetError(FileFault.system, path: path, detail: words)
        }
    }
}
