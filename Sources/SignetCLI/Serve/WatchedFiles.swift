import SignetConfiguration
import SignetJOSE
import SignetRouting
import SignetSystem

/// The files of a configuration, and whether one of them has changed.
///
/// Notices a symbolic link that leads to another file, as Kubernetes uses for a whole folder.
struct WatchedFiles {
    private let paths: [String]
    private let independents: [String]
    private var seen: [FileInformation?]
    private var seenIndependents: [FileInformation?]

    /// Notes the state of these files. Called before they are read, so that a later change is noticed the next time.
    ///
    /// - Parameters:
    ///   - paths: Files that have to be of the same version.
    ///   - independents: Files that do not depend on the others.
    init(_ paths: [String], independents: [String] = []) {
        self.paths = paths
        self.independents = independents
        seen = paths.map(FileInformation.init(following:))
        seenIndependents = independents.map(FileInformation.init(following:))
    }

    init(of configuration: Configuration) {
        self.init(configuration.files, independents: configuration.pinFiles)
    }

    /// A file that is not a regular one. Reading a pipe again could wait without end.
    var irregular: String? {
        (paths + independents).first { FileInformation(following: $0)?.isRegular == false }
    }

    /// Whether a file has changed since the last call.
    mutating func haveChanged() -> Bool {
        let now = independents.map(FileInformation.init(following:))
        defer { seenIndependents = now }
        return haveChangedTogether() || now != seenIndependents
    }

    /// Whether one of the dependent files has changed since the last call. The state of the others is kept.
    mutating func haveChangedTogether() -> Bool {
        let now = paths.map(FileInformation.init(following:))
        defer { seen = now }
        return now != seen
    }
}

extension Configuration {
    /// Every file that a reload reads, except those with pinned subjects. The output of a command is not watched: its change needs SIGHUP.
    var files: [String] {
        let keys = keys.flatMap { [$0.origin, $0.passphrase].compactMap { $0 } }.compactMap { origin -> String? in
            switch origin {
            case .file(let path): path
            case .credential(let name): Credentials.path(name)
            case .environment, .command: nil
            }
        }
        return [file] + keys + (gateway.tls.map { [$0.certificate, $0.key] } ?? [])
    }
}
