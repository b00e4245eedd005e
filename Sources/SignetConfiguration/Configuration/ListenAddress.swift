import SignetIdentity

/// Where the gateway listens.
public enum ListenAddress: Sendable, Hashable {
    /// A host and a port.
    case tcp(host: String, port: UInt16)
    /// A Unix-domain socket; a relative path starts at the configuration's directory.
    case unix(path: String)
    /// The socket that systemd passes in.
    case systemd

    /// Reads an address as the configuration writes it.
    public init?(_ text: String) {
        if text == "systemd" {
            self = .systemd
        } else if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            guard !path.isEmpty, !path.hasSuffix("/"), StringForm.text.accepts(String(path)) else { return nil }
            self = .unix(path: String(path))
        } else {
            // A host and a port are what an origin has after its scheme.
            guard let origin = WebOrigin("http://\(text)"), let port = origin.port else { return nil }
            self = .tcp(host: origin.host, port: port)
        }
    }

    /// Whether nothing outside this machine can reach it, so far as the text tells.
    public var isLocal: Bool {
        switch self {
        case .tcp(let host, _): WebOrigin("http://\(host)")?.isLoopback == true
        case .unix, .systemd: true
        }
    }
}
