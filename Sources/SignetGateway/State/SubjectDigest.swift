import SignetIdentity
import SignetJOSE

/// Digests of subjects under a key of Signet's own: the same customer has the same one on every replica, and who has the
/// digest alone has nothing.
package struct SubjectDigest: Sendable {
    private let key: HS256Key

    /// What sets these digests apart from everything else that is made with the key.
    private static let domain = Array("signet subject v1\0".utf8)
    /// Bytes that are kept: 128 bits, so that two customers never share one by chance.
    private static let length = 16

    package init(_ key: HS256Key) {
        self.key = key
    }

    /// The tag of a customer, in base64url; nil for a stranger.
    package func tag(for identity: Identity) -> String? {
        guard case .customer(let customer) = identity else { return nil }
        let input = Self.domain + Array(customer.subject.utf8)
        var code = [UInt8](repeating: 0, count: HS256Key.macLength)
        let done = input.withUnsafeBytes { key.authenticate($0, into: &code) }
        return done ? Base64URL.encode(code[..<Self.length]) : nil
    }
}
