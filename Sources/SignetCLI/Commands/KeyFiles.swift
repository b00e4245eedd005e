import SignetJOSE
import SignetSystem

/// Makes keys as files of one directory, each whole or not at all.
struct KeyFiles {
    let directory: Directory
    let name: String
    var existing: Directory.Existing = .kept
    /// The new files get this file's owner and group, and its group's right to read. If it is nil, they belong to the user who runs
    /// the command.
    var model: FileInformation?

    /// A key pair: the names of its files, and the public half.
    struct KeyPair {
        let privateName: String
        let publicName: String
        let publicPEM: String
    }

    /// Makes `NAME.private.pem` and `NAME.public.pem`: both, or neither.
    func makeKeyPair(_ format: ES256PrivateKey.Format) throws(CommandFailure) -> KeyPair {
        let (privateName, publicName) = ("\(name).private.pem", "\(name).public.pem")
        let (secret, publicPEM) = try failing({ CommandFailure(.outside, $0) }) {
            () throws(SignetError) -> (SecretBytes, String) in
            let key = try ES256PrivateKey.generate()
            return (try key.pem(format), try key.publicKey.pem())
        }
        try locked { () throws(SignetError) in
            for name in [privateName, publicName] {
                let path = directory.path(of: name)
                guard let there = directory.information(of: name) else { continue }
                if existing == .kept { throw SignetError(FileFault.exists, path: path) }
                if there.isDirectory { throw SignetError(FileFault.isDirectory, path: path) }
            }
            let privateFile = try draft(secret, for: privateName)
            let publicFile = try directory.draft(
                publicPEM, for: publicName, mode: 0o644, owner: model, existing: existing)
            // In this order no private key is lost, whatever fails: the public half can be made of it.
            try publicFile.place()
            do throws(SignetError) {
                try privateFile.place()
            } catch {
                if existing == .kept { directory.remove(publicName) }
                throw error
            }
        }
        return KeyPair(privateName: privateName, publicName: publicName, publicPEM: publicPEM)
    }

    /// Makes `NAME.secret` of 32 random bytes in base64url, and returns the file's name.
    func makeSecret() throws(CommandFailure) -> String {
        let random = try failing({ CommandFailure(.outside, $0) }) { () throws(SignetError) in
            try HS256Key.randomSecret()
        }
        return try keep(random.base64URLLine())
    }

    /// Writes `NAME.secret`, or another ending, with this text, and returns the file's name.
    func keep(_ text: SecretBytes, ending: String = "secret") throws(CommandFailure) -> String {
        let file = "\(name).\(ending)"
        try locked { () throws(SignetError) in try draft(text, for: file).place() }
        return file
    }

    private func draft(_ secret: SecretBytes, for name: String) throws(SignetError) -> FileDraft {
        let mode = 0o600 | (model?.mode ?? 0) & 0o040
        return try secret.withUnsafeBytes { bytes throws(SignetError) in
            try directory.draft(bytes, for: name, mode: mode, owner: model, existing: existing)
        }
    }

    /// One process at a time, so that two of them never leave the halves of two keys.
    private func locked(_ body: () throws(SignetError) -> Void) throws(CommandFailure) {
        try failing({ CommandFailure($0) }) { () throws(SignetError) in try directory.locked(else: { $0 }, body) }
    }
}
