import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

// The declarations that the command needs on systems without epoll. `serve` and `demo` end with `unsupported-platform`.

extension SignetError {
    fileprivate static let unsupported = SignetError(
        ServerFault.unsupportedPlatform, "the gateway's server runs on Linux only",
        hint: "run it in a container, or mount SignetGateway in a server of your own (docs/embedding.md)")
}

/// Cannot be opened on this platform.
package final class ListeningSocket: Sendable {
    package let name = ""
    package let port: UInt16? = nil
    package let isLocal = true
    package static let activationVariables: [String: String] = [:]

    private init() {}

    package static func tcp(host: String, port: UInt16) throws(SignetError) -> ListeningSocket { throw .unsupported }
    package static func unix(path: String) throws(SignetError) -> ListeningSocket { throw .unsupported }
    package static func systemd(named wanted: String? = nil) throws(SignetError) -> ListeningSocket {
        throw .unsupported
    }
    package static func forgetActivation() {}
}

/// Cannot be started on this platform.
package final class HTTPServer: Sendable {
    package let socket: ListeningSocket

    package init(
        on socket: ListeningSocket, tls: TLSMaterial? = nil, limits: ServerLimits = ServerLimits(), trustsPeers: Bool,
        handler: any RequestHandling
    ) throws(SignetError) {
        throw .unsupported
    }

    package var readStatistics: @Sendable () -> ServerStatistics { { ServerStatistics() } }
    package func replaceTLS(_ material: TLSMaterial) throws(SignetError) { throw .unsupported }
    package func renewTicketKeys() throws(SignetError) { throw .unsupported }
    package func beginDrain() {}
    package func finish(within milliseconds: Int64) {}
}

/// The limits that the command sets.
package struct ServerLimits: Sendable {
    package var clients = 0
    package var memory = 0
    package var threads = 1

    package init() {}
}

/// Nothing is counted.
package struct ServerStatistics: Sendable {
    package func write(to text: inout PrometheusText) {}
}

/// Cannot be read on this platform.
package final class TLSMaterial: Sendable {
    package let notBefore = NumericDate(seconds: 0)
    package let notAfter = NumericDate(seconds: 0)

    package init(certificate: some Sequence<UInt8>, key keyBytes: SecretBytes) throws(SignetError) {
        throw .unsupported
    }

    package func isValid(at time: NumericDate) -> Bool { false }
    package func isSame(as other: TLSMaterial) -> Bool { true }
}
