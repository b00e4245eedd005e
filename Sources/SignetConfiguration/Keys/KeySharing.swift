import SignetIdentity
import SignetJOSE

extension SigningKey {
    /// Whether two keys are the same key, whatever they are called.
    package func isSameKey(as other: SigningKey) -> Bool {
        switch (self, other) {
        case (.hs256(let own), .hs256(let theirs)): own.secret.hasSameBytes(as: theirs.secret)
        case (.es256(let own), .es256(let theirs)): own.publicKey.thumbprint == theirs.publicKey.thumbprint
        default: false
        }
    }
}
