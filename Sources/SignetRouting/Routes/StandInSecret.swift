import SignetIdentity
import SignetJOSE
import SignetSystem

/// The made-up secrets that stand where a vendor's belong until somebody puts them there.
package enum StandInSecret {
    /// What each begins with. No vendor's secret does.
    package static let prefix = "stand-in: "

    package static func isOne(_ secret: SecretBytes) -> Bool {
        secret.withUnsafeBytes { $0.starts(with: prefix.utf8) }
    }

    package static func isOne(_ key: SigningKey) -> Bool {
        if case .hs256(let key) = key { isOne(key.secret) } else { false }
    }
}
