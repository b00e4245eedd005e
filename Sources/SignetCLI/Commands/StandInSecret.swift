import SignetJOSE

/// The made-up secrets that `signet init` puts where the vendors' belong, so that everything works at once; `check` knows
/// them again.
enum StandInSecret {
    private static let prefix = "stand-in: "

    /// A fresh one: random, so that nobody could sign with it by knowing this source.
    static func make() throws(CommandFailure) -> SecretBytes {
        let random = try failing({ CommandFailure(.outside, $0) }) { () throws(KeyError) in
            try HS256Key.randomSecret()
        }
        return random.base64URLLine(prefix: prefix)
    }

    static func isOne(_ secret: SecretBytes) -> Bool {
        secret.withUnsafeBytes { $0.starts(with: prefix.utf8) }
    }
}
