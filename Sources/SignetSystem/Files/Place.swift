/// What a path leads to, found name by name from open directories: whatever becomes of the path meanwhile, the directory stays
/// this one.
///
/// Symbolic links are followed, for the user named the path. The exception is a link of another user than root and the one who
/// runs this: it has to lead to a file of its own owner. The owner of a folder could otherwise have root write anywhere.
struct Place {
    /// The directory that it is in.
    let directory: PathDescriptor
    /// Its name there.
    let name: String
    /// What has this name; nil where nothing has.
    let object: PathDescriptor?

    /// Follows a path.
    init(_ path: String) throws(SignetError) {
        guard !path.isEmpty else { throw SignetError(FileFault.notFound, path: path) }
        // As many as Linux follows.
        var links = 40
        self = try Self.follow(path, from: try PathDescriptor(directory: ".", named: path), named: path, &links)
    }

    /// Follows one name in a directory.
    init(_ name: String, in directory: PathDescriptor, named path: String) throws(SignetError) {
        var links = 40
        self = try Self.step(name, in: directory, named: path, &links)
    }

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
        // A second name may have been given to a link of root's by another user.
        let isTrusted = [0, geteuid()].contains(link.user) && link.links == 1
        guard isTrusted || target.object?.information.user == link.user else {
            throw SignetError(FileFault.foreignLink, path: path, detail: "\(name) belongs to user \(link.user)")
        }
        return target
    }
}

/// A file that is open to be looked at and to be named from, but not to be read; a symbolic link as itself.
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

    /// Where a path starts.
    init(directory: String, named path: String) throws(SignetError) {
        number = open(directory, Self.flags | O_DIRECTORY)
        guard number >= 0, let information = FileInformation(of: number) else { throw FileWriting.error(path) }
        self.information = information
    }

    /// What has this name in the directory; nil where nothing has.
    init?(_ name: String, in directory: PathDescriptor, named path: String) throws(SignetError) {
        number = openat(directory.number, name, Self.nameFlags)
        if number < 0 && errno == ENOENT { return nil }
        guard number >= 0, let information = FileInformation(of: number) else { throw FileWriting.error(path) }
        self.information = information
    }

    deinit {
        close(number)
    }

    /// Where a symbolic link leads.
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

/// What stat(2) tells of a file, as far as it matters here.
package struct FileInformation: Sendable {
    private let device: UInt64
    private let inode: UInt64
    /// The bits of `S_IFMT`.
    package let kind: mode_t
    /// The permission bits.
    package let mode: mode_t
    /// How many names it has.
    let links: UInt64
    /// Its owner.
    package let user: uid_t
    /// Its group.
    let group: gid_t
    /// How many bytes it has.
    let size: Int64
    /// When its contents were changed last, in Unix time.
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

    /// Looks at a file, and through links that ``Place`` follows.
    package init(ofFile path: String) throws(SignetError) {
        guard let object = try Place(path).object else { throw SignetError(FileFault.notFound, path: path) }
        self = object.information
    }

    /// Looks at an open file.
    package init?(of descriptor: Int32) {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return nil }
        self.init(information)
    }

    /// Whether it is a directory.
    package var isDirectory: Bool { kind == S_IFDIR }

    /// Whether both are of one file.
    package func isSameFile(as other: Self) -> Bool {
        device == other.device && inode == other.inode
    }
}
