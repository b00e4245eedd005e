#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What tells a file from another one, or from itself before it was changed: device, inode, size and time of what its path
/// leads to.
package struct FileMark: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int
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
            seconds = information.st_mtimespec.tv_sec
            nanoseconds = information.st_mtimespec.tv_nsec
        #else
            seconds = information.st_mtim.tv_sec
            nanoseconds = information.st_mtim.tv_nsec
        #endif
    }
}
