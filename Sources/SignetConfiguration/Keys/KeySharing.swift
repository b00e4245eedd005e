import SignetIdentity
import SignetJOSE
import SignetSystem

extension SigningKey {
    /// Whether two keys have the same key material.
    package func isSameKey(as other: SigningKey) -> Bool {
        switch (self, other) {
        case (.hs256(let own), .hs256(let theirs)): own.secret.hasSameBytes(as: theirs.secret)
        case (.es256(let own), .es256(let theirs)): own.publicKey.thumbprint == theirs.publicKey.thumbprint
        default: false
        }
    }
}

/// Two keys of a connection, or two published keys, never share a `kid`: a verifier would take the wrong one.
struct KeyIDSharing {
    /// For keys that two vendors share.
    static let oneVendorHint = "a key is for one vendor: with a shared key, each vendor could sign for the other"

    /// A key whose `kid` an earlier key has too.
    struct Fault {
        let key: String
        /// The words for a message.
        let text: String

        static let hint =
            "give each key a \"kid\" of its own; if both are the same key, let the connections name one entry"
    }

    /// A key, from the configuration or, once it is loaded, with the `kid` of its JWK.
    struct Key {
        let name: String
        let keyID: String?
        let algorithm: JWSAlgorithm
    }

    /// All keys that have the `kid` of an earlier one.
    ///
    /// - Parameter connections: The names of each connection's keys.
    static func faults(among keys: [Key], connections: [(name: String, keys: [String])]) -> [Fault] {
        let published = Set(connections.flatMap(\.keys))
        var faults: [Fault] = []
        for (index, key) in keys.enumerated() {
            guard let keyID = key.keyID else { continue }
            for other in keys[..<index] where other.keyID?.hasSameBytes(as: keyID) == true {
                let connection = connections.first { $0.keys.contains(key.name) && $0.keys.contains(other.name) }
                let arePublished =
                    key.algorithm == .es256 && other.algorithm == .es256
                    && published.isSuperset(of: [key.name, other.name])
                let place = connection.map { "connection \"\($0.name)\" has both" }
                if let place = place ?? (arePublished ? "both are published" : nil) {
                    faults.append(
                        Fault(key: key.name, text: "it has the \"kid\" of key \"\(other.name)\", and \(place)"))
                    break
                }
            }
        }
        return faults
    }
}
