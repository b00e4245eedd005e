import SignetConfiguration
import SignetJOSE
import SignetRouting
import SignetSystem

/// The files of a configuration, and whether one of them is another than before.
///
/// A symbolic link that is turned, as Kubernetes does with a whole folder, is seen too.
struct WatchedFiles {
    private let paths: [String]
    private let wholes: [String]
    private var seen: [FileMark?]
    private var seenWholes: [FileMark?]

    /// Looks at these files. Done before they are read: what changes in between is seen the next time.
    ///
    /// - Parameters:
    ///   - paths: Files that make sense together: a key of one version and a configuration of another would be neither.
    ///   - wholes: Files that make sense whatever the others are.
    init(_ paths: [String], wholes: [String] = []) {
        self.paths = paths
        self.wholes = wholes
        seen = paths.map(FileMark.init)
        seenWholes = wholes.map(FileMark.init)
    }

    init(of configuration: Configuration) {
        self.init(configuration.files, wholes: configuration.pinFiles)
    }

    /// One that is there and is no regular file: reading a pipe again waits for somebody to write, and nobody may.
    var irregular: String? {
        (paths + wholes).first { FileMark($0)?.isRegular == false }
    }

    /// Whether one has changed since the last look.
    mutating func haveChanged() -> Bool {
        let now = wholes.map(FileMark.init)
        defer { seenWholes = now }
        return haveChangedTogether() || now != seenWholes
    }

    /// Whether one of those that make sense together has changed since the last look; of the others, the last look stays.
    mutating func haveChangedTogether() -> Bool {
        let now = paths.map(FileMark.init)
        defer { seen = now }
        return now != seen
    }
}

extension Configuration {
    /// Every file that a reload would read, but for those with pinned subjects. What a command says can be known only by running it, so a change of that takes SIGHUP.
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
