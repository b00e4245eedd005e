import SignetJOSE
import SignetRouting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of a configuration, and whether one of them is another than before.
///
/// A file is another when the device, inode, size or time of what its path leads to has changed; so a symbolic link that
/// is turned, as Kubernetes does with a whole folder, is seen too.
struct WatchedFiles {
    private let paths: [String]
    private var seen: [Mark?]

    /// What tells one file from the next.
    private struct Mark: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int

        init?(_ path: String) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            device = UInt64(information.st_dev)
            inode = UInt64(information.st_ino)
            size = Int64(information.st_size)
            #if canImport(Darwin)
                seconds = information.st_mtimespec.tv_sec
                nanoseconds = information.st_mtimespec.tv_nsec
            #else
                seconds = information.st_mtim.tv_sec
                nanoseconds = information.st_mtim.tv_nsec
            #endif
        }
    }

    /// Looks at these files. Done before they are read: what changes in between is seen the next time.
    init(_ paths: [String]) {
        self.paths = paths
        seen = paths.map(Mark.init)
    }

    /// One that is there and is no regular file: reading a pipe again waits for somebody to write, and nobody may.
    var irregular: String? {
        paths.first { path in
            var information = stat()
            return stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG
        }
    }

    /// Whether one has changed since the last look.
    mutating func haveChanged() -> Bool {
        let now = paths.map(Mark.init)
        defer { seen = now }
        return now != seen
    }
}

extension Configuration {
    /// Every file that a reload would read. What a command says can be known only by running it, so a change of that takes SIGHUP.
    var files: [String] {
        let keys = keys.flatMap { [$0.origin, $0.passphrase].compactMap { $0 } }.compactMap { origin -> String? in
            switch origin {
            case .file(let path): path
            case .credential(let name): Credentials.path(name)
            case .environment, .command: nil
            }
        }
        return [file] + keys + pinFiles + (gateway.tls.map { [$0.certificate, $0.key] } ?? [])
    }
}
