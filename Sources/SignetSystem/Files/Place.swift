/// The directory and name that a path leads to. Each name is looked up in an open directory, so a later change of the path
/// does not lead to another directory.
///
/// Symbolic links are followed, because the user chose the path. A link that belongs neither to root nor to the user of this
/// process has to lead to a file of its own owner. Otherwise the owner of a directory could make root write anywhere.
struct Place {
    /// The directory.
    let directory: PathDescriptor
    /// The name in the directory.
    let name: String
    /// The file of this name; nil if there is none.
    let object: PathDescriptor?

    /// Follows a path.
    init(_ path: String) throws(SignetError) {
        guard !path.isEmpty else { throw SignetError(FileFault.notFound, path: path) }
        var links = Self.maximumLinks
        self = try Self.follow(path, from: try PathDescriptor(directory: ".", named: path), named: path, &links)
    }

    /// Follows one name in a directory.
    init(_ name: String, in directory: PathDescriptor, named path: String) throws(SignetError) {
        var links = Self.maximumLinks
        self = try Self.step(name, in: directory, named: path, &links)
    }

    /// The same limit as Linux has.
    private static let maximumLinks = 40

    private init(_ directory: PathDescriptor, _ name: String, _ object: PathDescriptor?) {
        self.directory = directory
        self.name = name
        self.object = object
    }

    private static func follow(
        _ text: String, from directory: PathDescriptor, named path: String, _ links: inout Int
    ) throws(SignetError) -> Place {
        let start = text.hasPrefix("/") ? try PathDescriptor(directory: "/", named: path) : directory
        var place = Place(start, ".", start)
        for name in text.split(separator: "/") where name != "." {
            guard let next = place.object else { throw SignetError(FileFault.notFound, path: path) }
            place = try step(String(name), in: next, named: path, &links)
        }
        return place
    }

    private static func step(
        _ name: String, in directory: PathDescriptor, named path: String, _ links: inout Int
    ) throws(SignetError) -> Place {
        guard let object = try PathDescriptor(name, in: directory, named: path) else {
            return Place(directory, name, nil)
        }
        let link = object.information
        guard link.kind == S_IFLNK else { return Place(directory, name, object) }
        links -= 1
        guard links >= 0 else {
            throw SignetError(FileFault.system, path: path, detail: String(cString: strerror(ELOOP)))
        }
        let target = try follow(try object.linkText(named: path), from: directory, named: path, &links)
        // A link with several names is not trusted: another user may have made a hard link to a link of root's.
        let isTrusted = [0, geteuid()].contains(link.user) && link.links == 1
        guard isTrusted || target.object?.information.user == link.user else {
            throw SignetError(FileFault.foreignLink, path: path, detail: "\(name) belongs to user \(link.user)")
        }
        return target
    }
}

/// A file opened as a place only (O_PATH): it can be inspected and used as a directory, but not read. Links are not followed.
final class PathDescriptor: Sendable {
    let number: Int32
    let information: FileInformation

    #if os(Linux)
        // O_PATH, a macro that Swift does not import.
        private static let flags: Int32 = 0o10000000 | O_CLOEXEC
        private static let nameFlags = flags | O_NOFOLLOW
    #else
        private static let flags: Int32 = O_RDONLY | O_NONBLOCK | O_CLOEXEC
        private static let nameFlags = flags | O_SYMLINK
    #endif

    /// Opens the directory in which a path starts.
    init(directory: String, named path: String) throws(SignetError) {
        number = open(directory, Self.flags | O_DIRECTORY)
        guard number >= 0, let information = FileInformation(of: number) else { throw FileWriting.error(path) }
        self.information = information
    }

    /// Opens the file of this name in the directory; nil if there is none.
    init?(_ name: String, in directory: PathDescriptor, named path: String) throws(SignetError) {
        number = openat(directory.number, name, Self.nameFlags)
        if number < 0 && errno == ENOENT { return nil }
        guard number >= 0, let information = FileInformation(of: number) else { throw FileWriting.error(path) }
        self.information = information
    }

    deinit {
        close(number)
    }

    /// The text of a symbolic link.
    func linkText(named path: String) throws(SignetError) -> String {
        let text = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { memory, count in
            memory.withMemoryRebound(to: CChar.self) { memory in
                #if canImport(Darwin)
                    count = max(0, Int(freadlink(number, memory.baseAddress, memory.count)))
                #else
                    count = max(0, readlinkat(number, "", memory.baseAddress!, memory.count))
                #endif
            }
        }
        guard !text.isEmpty else { throw FileWriting.error(path) }
        return String(decoding: text, as: UTF8.self)
    }
}

/// The fields of stat(2) that Signet uses.
package struct FileInformation: Sendable {
    private let device: UInt64
    private let inode: UInt64
    /// The kind of file: the bits of `S_IFMT`.
    package let kind: mode_t
    /// The permission bits.
    package let mode: mode_t
    /// The number of names (hard links).
    let links: UInt64
    /// The owner.
    package let user: uid_t
    /// The group.
    let group: gid_t
    /// The size in bytes.
    let size: Int64
    /// The time of the last change of the contents, in Unix time.
    package let modified: Int64

    init(_ information: stat) {
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        kind = information.st_mode & S_IFMT
        mode = information.st_mode & 0o7777
        links = UInt64(information.st_nlink)
        user = information.st_uid
        group = information.st_gid
        size = Int64(information.st_size)
        #if canImport(Darwin)
            modified = Int64(information.st_mtimespec.tv_sec)
        #else
            modified = Int64(information.st_mtim.tv_sec)
        #endif
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

    /// Whether both describe the same file.
    package func isSameFile(as other: Self) -> Bool {
        device == other.device && inode == other.inode
    }
}
