/// Why a server could not listen, or could not continue with a new certificate; the raw value is the error's code.
package enum ServerFault: String, Sendable, CaseIterable {
    /// Another process listens there.
    case addressInUse = "listen-address-in-use"
    /// The system does not let this user listen there.
    case addressDenied = "listen-address-denied"
    /// The name or address does not exist on this machine.
    case addressUnknown = "listen-address-unknown"
    /// The path of a Unix-domain socket holds another file, or no socket can be created there.
    case socketPath = "listen-socket-path"
    /// systemd passed no such socket.
    case socketNotPassed = "listen-socket-not-passed"
    /// The certificate or its key cannot be read or used, or they do not belong together.
    case certificate = "tls-certificate"
    /// Any other error of the operating system.
    case system = "server-system"
}
