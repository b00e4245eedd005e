import SignetJOSE

/// Why a server could not listen, or could not go on with a new certificate.
package struct ServerError: CodedError, Equatable {
    /// The kinds of fault.
    package enum Kind: String, Sendable, CaseIterable {
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
        /// The server runs on Linux only.
        case unsupportedPlatform = "unsupported-platform"
        /// Any other error of the operating system.
        case system = "server-system"
    }

    /// The kind of fault.
    package let kind: Kind
    /// What is wrong, and where.
    package let reason: String
    /// What to do about it.
    package let hint: String?

    package init(_ kind: Kind, _ reason: String, hint: String? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
    }

    /// The stable code, such as `listen-address-in-use`.
    package var code: String { kind.rawValue }
}
