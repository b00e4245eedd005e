/// The fields of stat(2) that Signet uses.
///
/// Two values differ if they are of different files, or if the file was changed in between. The inode's change time is part of
/// it: a program can set back the modification time, but not the change time.
package struct FileInformation: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    /// The kind of file: the bits of `S_IFMT`.
    package let kind: mode_t
    /// The permission bits.
    package let mode: mode_t
    /// The number of names (hard links).
    package let links: UInt64
    /// The owner.
    package let user: uid_t
    /// The group.
    let group: gid_t
    /// The size in bytes.
    package let size: Int64
    /// The time of the last change of the contents.
    package let modified: Time
    private let changed: Time

    /// Unix time.
    package struct Time: Equatable, Sendable {
        /// The whole seconds.
        package let seconds: Int64
        private let nanoseconds: Int

        fileprivate init(_ time: timespec) {
            seconds = Int64(time.tv_sec)
            nanoseconds = time.tv_nsec
        }
    }

    init(_ information: stat) {
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        kind = information.st_mode & S_IFMT
        mode = information.st_mode & 0o7777
        links = UInt64(information.st_nlink)
        user = information.st_uid
        group = information.st_gid
        size = Int64(information.st_size)
        modified = Time(information.st_mtim)
        changed = Time(information.st_ctim)
    }

    /// Inspects the file that a path leads to, and follows symbolic links. Nil if there is no file. To notice changes, call this
    /// before reading the file: the next call then sees a change that happened while it was read.
    package init?(following path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        self.init(information)
    }

    /// Inspects the file that a path leads to; ``Place`` decides about links.
    package init(ofFile path: String) throws(SignetError) {
        guard let object = try Place(path).object else { throw SignetError(FileFault.notFound, path: path) }
        self = object.information
    }

    /// Inspects an open file; nil if fstat(2) fails.
    package init?(of descriptor: Int32) {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return nil }
        self.init(information)
    }

    /// Whether it is a directory.
    package var isDirectory: Bool { kind == S_IFDIR }

    /// Whether it is a regular file. Only such a file is read again: reading a pipe could wait for ever.
    package var isRegular: Bool { kind == S_IFREG }

    /// Whether it is a symbolic link.
    var isLink: Bool { kind == S_IFLNK }

    /// Whether both describe the same file.
    package func isSameFile(as other: Self) -> Bool {
        device == other.device && inode == other.inode
    }
}
