import SignetSystem

/// What systemd passes to a service by `LoadCredential=` and its like (systemd.exec(5)).
package enum Credentials {
    /// The file of a credential, or nil where none were passed in.
    package static func path(_ name: String) -> String? {
        guard let folder = getenv("CREDENTIALS_DIRECTORY"), folder.pointee != 0 else { return nil }
        return "\(String(cString: folder))/\(name)"
    }
}
