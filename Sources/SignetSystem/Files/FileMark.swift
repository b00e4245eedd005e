/// What tells a file from another one, or from itself before it was changed: device, inode, size and the times of what its
/// path leads to.
///
/// The time of the last change of the inode is one of them: a program can put back the time of the content, and not that.
package struct FileMark: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Time
    private let changed: Time
    /// Whether it is a regular file. Reading a pipe again waits for somebody to write, and nobody may.
    package let isRegular: Bool

    /// Looks at a file; nil where there is none. Done before it is read: what changes in between is seen the next time.
    package init?(_ path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int64(information.st_size)
        isRegular = information.st_mode & S_IFMT == S_IFREG
        #if canImport(Darwin)
            modified = Time(information.st_mtimespec)
            changed = Time(information.st_ctimespec)
        #else
            modified = Time(information.st_mtim)
            changed = Time(information.st_ctim)
        #endif
    }

    private struct Time: Equatable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }
}
