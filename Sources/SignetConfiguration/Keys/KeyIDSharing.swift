import SignetIdentity
import SignetJOSE
import SignetSystem

/// Two keys of a connection, or two that are published, never share a `kid`: whoever verifies by it would take the wrong one.
struct KeyIDSharing {
    /// A key that says whose `kid` it has, too.
    struct Fault {
        let key: String
        /// The words for a message.
        let text: String

        static let hint =
            "give each key a \"kid\" of its own; where both are one key, let the connections name one entry"
    }

    /// What is known of a key: out of the configuration or, once it is loaded, out of a JWK as well.
    struct Key {
        let name: String
        let keyID: String?
        let algorithm: JWSAlgorithm
    }

    /// All keys that have the `kid` of one before them.
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
