import Foundation
import SignetGateway
import SignetServer
import Testing

/// A server on a free port of 127.0.0.1, stopped with the last reference.
final class RunningServer: Sendable {
    let handler: EchoHandler
    let server: HTTPServer
    let port: UInt16

    init(
        limits: ServerLimits = ServerLimits(), tls: TLSMaterial? = nil, trustsPeers: Bool = true
    ) throws {
        handler = EchoHandler()
        let socket = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
        port = try #require(socket.port)
        server = try HTTPServer(on: socket, tls: tls, limits: limits, trustsPeers: trustsPeers, handler: handler)
    }

    deinit {
        handler.gate.openAll()
        server.finish(within: 0)
    }

    func client() throws -> RawClient {
        try RawClient(port: port)
    }

    /// Asks on a connection of its own.
    func ask(_ request: String) throws -> Response? {
        try client().ask(request)
    }
}

/// A request without a body.
func get(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
}

/// A request with a body of a known length.
func post(_ target: String, _ body: String, _ fields: String = "") -> String {
    "POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
}

/// Waits for something that nobody announces.
func eventually(within seconds: Double = 20, _ condition: () -> Bool) -> Bool {
    let end = Date.now.addingTimeInterval(seconds)
    while Date.now < end {
        if condition() { return true }
        usleep(2_000)
    }
    return condition()
}
