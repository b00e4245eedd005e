/// Why a file could not be read or written; the raw value is the error's code.
public enum FileFault: String, Sendable, CaseIterable {
    /// No file of that name.
    case notFound = "file-not-found"
    /// A directory stands where a file is wanted.
    case isDirectory = "file-is-directory"
    /// The system refuses access.
    case denied = "file-denied"
    /// Others than the owner and the group may read or write a file that holds a secret.
    case openToOthers = "file-open-to-others"
    /// The file is larger than anything that belongs there.
    case tooLarge = "file-too-large"
    /// The file to be made is there already.
    case exists = "file-exists"
    /// The file to be replaced is no longer what was read.
    case changed = "file-changed"
    /// The file to be replaced is somebody else's, and would not be any more.
    case foreign = "file-foreign"
    /// A new file cannot be given to whoever has the old one.
    case notHandedOver = "file-not-handed-over"
    /// A symbolic link of another user leads to a file that is not that user's.
    case foreignLink = "file-foreign-link"
    /// The file to be replaced is a mount of its own, so that no other file can take its name.
    case mounted = "file-mounted"
    /// The file to be replaced has other names, which would keep the old contents.
    case hardLinks = "file-hard-links"
    /// Any other refusal of the operating system.
    case system = "file-system"
}

extension SignetError {
    /// Why a file could not be read or written.
    ///
    /// - Parameters:
    ///   - path: The file, as it was named.
    ///   - detail: The system's words, for ``FileFault/system`` and ``FileFault/denied``; owner and group by their numbers, for
    ///     ``FileFault/foreign`` and ``FileFault/notHandedOver``; the number of names, for ``FileFault/hardLinks``; the link and its
    ///     owner's number, for ``FileFault/foreignLink``; a limit, for ``FileFault/tooLarge``; the mode, for
    ///     ``FileFault/openToOthers``.
    package init(_ fault: FileFault, path: String, detail: String = "") {
        self.init(fault, fault.reason(path, detail), hint: fault.hint(path))
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
        case .changed: "\(path) was changed by somebody else meanwhile, so nothing was written"
        case .foreign: "\(path) belongs to \(detail), and would not if this user replaced it, so nothing was written"
        case .notHandedOver:
            "\(path) has to belong to \(detail), as the file before it does, and this user cannot give it away"
        case .foreignLink:
            "\(path): the symbolic link \(detail), and leads to a file that does not, so it is not followed"
        case .mounted: "\(path) is mounted by itself, so that it cannot be replaced"
        case .hardLinks: "\(path) has \(detail) names (hard links), and the others would keep the old contents"
        case .system: "\(path): \(detail)"
        }
    }

    fileprivate func hint(_ path: String) -> String? {
        switch self {
        case .openToOthers: "chmod 600 \(path) (Kubernetes: defaultMode: 0440 with fsGroup)"
        case .exists: "choose another name, or replace it with --force"
        case .changed: "look at it, and run the command again"
        case .foreign, .notHandedOver: "run the command as its owner, who has to be in its group, or as root"
        case .foreignLink: "name the file that it leads to, or have the link's owner own that file"
        case .mounted: "mount the folder that it is in"
        case .hardLinks: "make it a file with one name: cp \(path) \(path).new && mv \(path).new \(path)"
        default: nil
        }
    }
}
