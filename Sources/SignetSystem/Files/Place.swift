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
        guard link.isLink else { return Place(directory, name, object) }
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

    // O_PATH, a macro that Swift does not import.
    private static let flags: Int32 = 0o10000000 | O_CLOEXEC
    private static let nameFlags = flags | O_NOFOLLOW

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
                count = max(0, readlinkat(number, "", memory.baseAddress!, memory.count))
            }
        }
        guard !text.isEmpty else { throw FileWriting.error(path) }
        return String(decoding: text, as: UTF8.self)
    }
}
