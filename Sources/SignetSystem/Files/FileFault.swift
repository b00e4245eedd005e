/// Why a file could not be read or written; the raw value is the error's code.
public enum FileFault: String, Sendable, CaseIterable {
    /// There is no file of that name.
    case notFound = "file-not-found"
    /// The path names a directory; a file is wanted.
    case isDirectory = "file-is-directory"
    /// The system denies access.
    case denied = "file-denied"
    /// Users other than the owner and the group may read or write a file that holds a secret.
    case openToOthers = "file-open-to-others"
    /// The file is larger than the limit.
    case tooLarge = "file-too-large"
    /// The file to be created exists already.
    case exists = "file-exists"
    /// The file to be replaced has changed since it was read.
    case changed = "file-changed"
    /// The file to be replaced belongs to another user or group, and this process cannot keep that.
    case foreign = "file-foreign"
    /// This process cannot give a new file to the owner of the old file.
    case notHandedOver = "file-not-handed-over"
    /// A symbolic link belongs to another user, and leads to a file that does not belong to that user.
    case foreignLink = "file-foreign-link"
    /// The file to be replaced is a mount point, so no other file can take its name.
    case mounted = "file-mounted"
    /// The file to be replaced has other names (hard links), which would keep the old contents.
    case hardLinks = "file-hard-links"
    /// Any other error of the operating system.
    case system = "file-system"
}

/// Standard input in the place of a file.
package enum StandardInput {
    /// The path that stands for it on a command line.
    package static let path = "-"
    /// Its name in messages.
    package static let name = "standard input"

    /// The name of a file in messages.
    package static func name(of path: String) -> String {
        path == Self.path ? name : path
    }
}

extension SignetError {
    /// Makes the error of a file that could not be read or written.
    ///
    /// - Parameters:
    ///   - path: The path as the user wrote it.
    ///   - detail: The system's message, for ``FileFault/system`` and ``FileFault/denied``; the numbers of owner and group, for
    ///     ``FileFault/foreign`` and ``FileFault/notHandedOver``; the number of names, for ``FileFault/hardLinks``; the link and its
    ///     owner's number, for ``FileFault/foreignLink``; the limit, for ``FileFault/tooLarge``; the mode, for
    ///     ``FileFault/openToOthers``.
    package init(_ fault: FileFault, path: String, detail: String = "") {
        let name = StandardInput.name(of: path)
        self.init(fault, fault.reason(name, detail), hint: fault.hint(name))
    }
}

extension FileFault {
    fileprivate func reason(_ path: String, _ detail: String) -> String {
        switch self {
        case .notFound: "\(path): no such file"
        case .isDirectory: "\(path) is a directory, not a file"
        case .denied: "\(path): \(detail)"
        case .openToOthers: "\(path) holds a secret and its mode \(detail) lets others read or write it"
        case .tooLarge: "\(path) is larger than \(detail)"
        case .exists: "\(path) exists already"
        case .changed: "\(path) was changed by another program meanwhile, so nothing was written"
        case .foreign:
            "\(path) belongs to \(detail); this user cannot keep that when replacing it, so nothing was written"
        case .notHandedOver:
            "\(path) has to belong to \(detail), like the old file, and this user cannot give it to that owner"
        case .foreignLink:
            "\(path): the symbolic link \(detail), and leads to a file that does not, so it is not followed"
        case .mounted: "\(path) is a mount point, so it cannot be replaced"
        case .hardLinks: "\(path) has \(detail) names (hard links), and the others would keep the old contents"
        case .system: "\(path): \(detail)"
        }
    }

    fileprivate func hint(_ path: String) -> String? {
        switch self {
        // The file behind standard input has no name here.
        case .openToOthers where path == StandardInput.name: nil
        case .openToOthers: "chmod 600 \(path) (Kubernetes: defaultMode: 0440 with fsGroup)"
        case .exists: "choose another name, or replace it with --force"
        case .changed: "check the file, and run the command again"
        case .foreign, .notHandedOver: "run the command as the file's owner, who has to be in its group, or as root"
        case .foreignLink: "use the path of the file that it leads to, or give that file to the link's owner"
        case .mounted: "mount the directory that contains it"
        case .hardLinks: "make it a file with one name: cp \(path) \(path).new && mv \(path).new \(path)"
        default: nil
        }
    }
}
