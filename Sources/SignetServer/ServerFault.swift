/// Why a server could not listen, or not go on with a new certificate; the raw value is the error's code.
package enum ServerFault: String, Sendable, CaseIterable {
    /// Another process listens there.
    case addressInUse = "listen-address-in-use"
    /// The system does not let this user listen there.
    case addressDenied = "listen-address-denied"
    /// The name or address means nothing on this machine.
    case addressUnknown = "listen-address-unknown"
    /// Something that is no socket stands at the path of a Unix-domain socket, or none can be made there.
    case socketPath = "listen-socket-path"
    /// systemd has passed no such socket.
    case socketNotPassed = "listen-socket-not-passed"
    /// The certificate or its key cannot be read or served with, or they do not belong together.
    case certificate = "tls-certificate"
    /// The server runs on Linux only.
    case unsupportedPlatform = "unsupported-platform"
    /// Any other refusal of the operating system.
    case system = "server-system"
}
