/// Device, inode, size and times of a file. Two marks differ if the path leads to another file, or if the file was changed.
///
/// The inode's change time is part of it: a program can set back the modification time, but not the change time.
package struct FileMark: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Time
    private let changed: Time
    /// Whether it is a regular file. Only such a file is read again: reading a pipe could wait for ever.
    package let isRegular: Bool

    /// Inspects a file; nil if there is none. Call this before reading, so that a change in between is seen the next time.
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
