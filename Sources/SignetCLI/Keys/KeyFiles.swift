import SignetJOSE
import SignetRouting
import SignetSystem

/// Writes new keys as files of one directory, each completely or not at all.
struct KeyFiles {
    let directory: Directory
    let name: String
    var existing: Directory.Existing = .kept
    /// The new files get this file's owner and group, and its group's right to read. With nil they belong to the user who runs the
    /// command.
    var model: FileInformation?

    /// A key pair: the names of its files, and the public PEM.
    struct KeyPair {
        let privateName: String
        let publicName: String
        let publicPEM: String
    }

    /// Makes `NAME.private.pem` and `NAME.public.pem`: both, or neither.
    func makeKeyPair(_ format: ES256PrivateKey.Format) throws(CommandFailure) -> KeyPair {
        let (privateName, publicName) = ("\(name).private.pem", "\(name).public.pem")
        let (secret, publicPEM) = try reporting(as: .outside) {
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
            // In this order no failure loses a private key: the public key can be made from it.
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
        let random = try reporting(as: .outside) {
            try HS256Key.randomSecret()
        }
        return try write(random.base64URLLine())
    }

    /// Writes `NAME.secret`, or another ending, with this text, and returns the file's name.
    func write(_ text: SecretBytes, ending: String = "secret") throws(CommandFailure) -> String {
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

    /// One process at a time. Otherwise two processes could leave files of two different pairs.
    private func locked(_ body: () throws(SignetError) -> Void) throws(CommandFailure) {
        try reporting { try directory.locked(else: { $0 }, body) }
    }
}

extension PlaceholderSecret {
    /// A new placeholder secret for a secret that comes from the vendor. Random, so that nobody who knows this source can sign with it.
    ///
    /// - Parameter encoding: The encoding of the file's text.
    static func make(_ encoding: SecretEncoding = .utf8) throws(CommandFailure) -> SecretBytes {
        let random = try reporting(as: .outside) {
            try HS256Key.randomSecret()
        }
        let line = random.base64URLLine(prefix: prefix)
        if encoding == .utf8 { return line }
        // It is no real secret and will be replaced, so it may be held in ordinary memory.
        let bytes = line.withUnsafeBytes { Array($0.dropLast()) }
        let text = Array((encoded(bytes, encoding) + "\n").utf8)
        return text.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private static func encoded(_ bytes: [UInt8], _ encoding: SecretEncoding) -> String {
        switch encoding {
        case .utf8: return String(decoding: bytes, as: UTF8.self)
        case .hex: return Hexadecimal.encode(bytes)
        case .base64url: return Base64URL.encode(bytes)
        case .base64:
            let text = Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
            return String(text) + String(repeating: "=", count: (4 - text.count % 4) % 4)
        }
    }
}
