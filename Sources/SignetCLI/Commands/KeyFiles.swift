import SignetJOSE

/// Makes keys as files of one directory, each whole or not at all.
struct KeyFiles {
    let directory: String
    let name: String
    let existing: FileWriting.Existing

    /// A key pair: the paths, and the public half.
    struct KeyPair {
        let privatePath: String
        let publicPath: String
        let publicPEM: String
    }

    private func path(_ ending: String) -> String {
        directory == "." ? "\(name).\(ending)" : "\(directory)/\(name).\(ending)"
    }

    /// Makes `NAME.private.pem` and `NAME.public.pem`: both, or neither.
    func makeKeyPair(_ format: ES256PrivateKey.Format) throws(CommandFailure) -> KeyPair {
        let (privatePath, publicPath) = (path("private.pem"), path("public.pem"))
        let (secret, publicPEM) = try failing({ CommandFailure(.outside, $0) }) {
            () throws(KeyError) -> (SecretBytes, String) in
            let key = try ES256PrivateKey.generate()
            return (try key.pem(format), try key.publicKey.pem())
        }
        try inDirectory { () throws(FileError) in
            for path in [privatePath, publicPath] where existing == .kept && FileWriting.exists(path) {
                throw FileError(.exists, path: path)
            }
            let previous =
                existing == .kept ? nil : try? FileReading.secret(atPath: privatePath, refusingOpenModes: false).0
            try write(secret, to: privatePath)
            do throws(FileError) {
                try FileWriting.write(publicPEM, to: publicPath, mode: 0o644, existing: existing)
            } catch {
                // A private key without its public half is of no use, and the one before it may still be.
                if let previous { try write(previous, to: privatePath) } else { FileWriting.remove(privatePath) }
                throw error
            }
        }
        return KeyPair(privatePath: privatePath, publicPath: publicPath, publicPEM: publicPEM)
    }

    /// Makes `NAME.secret` of 32 random bytes in base64url.
    func makeSecret() throws(CommandFailure) -> String {
        let random = try failing({ CommandFailure(.outside, $0) }) { () throws(KeyError) in
            try HS256Key.randomSecret()
        }
        return try keep(random.base64URLLine())
    }

    /// Writes `NAME.secret`, or another ending, with this text.
    func keep(_ text: SecretBytes, ending: String = "secret") throws(CommandFailure) -> String {
        let path = path(ending)
        try inDirectory { () throws(FileError) in try write(text, to: path) }
        return path
    }

    private func write(_ secret: SecretBytes, to path: String) throws(FileError) {
        try secret.withUnsafeBytes { bytes throws(FileError) in
            try FileWriting.write(bytes, to: path, mode: 0o600, existing: existing)
        }
    }

    /// One process at a time, so that two of them never leave the halves of two keys.
    private func inDirectory(_ body: () throws(FileError) -> Void) throws(CommandFailure) {
        let directory = directory
        try failing({ CommandFailure($0) }) { () throws(FileError) in
            try FileWriting.makeDirectory(directory)
            try FileWriting.lockingDirectory(directory, else: { $0 }, body)
        }
    }
}
