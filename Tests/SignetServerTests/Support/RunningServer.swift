import Foundation
import SignetGateway
import SignetServer
import SignetTestSupport
import Testing

/// The kind of socket that clients connect to.
enum Transport: String, CaseIterable, CustomTestStringConvertible {
    case tcp, unix

    var testDescription: String { rawValue }
}

/// A server on a free port of 127.0.0.1 or on a Unix-domain socket. The release of the last reference stops it.
final class RunningServer: Sendable {
    let handler: EchoHandler
    let server: HTTPServer
    /// 0 on a Unix-domain socket.
    let port: UInt16
    private let directory: ScratchDirectory?

    init(
        limits: ServerLimits = .generous, tls: TLSMaterial? = nil, trustsPeers: Bool = true,
        over transport: Transport = .tcp
    ) throws {
        handler = EchoHandler()
        directory = transport == .unix ? try ScratchDirectory() : nil
        let socket: ListeningSocket =
            if let directory {
                try .unix(path: directory.path("a.sock"))
            } else {
                try .tcp(host: "127.0.0.1", port: 0)
            }
        port = socket.port ?? 0
        server = try HTTPServer(on: socket, tls: tls, limits: limits, trustsPeers: trustsPeers, handler: handler)
    }

    deinit {
        handler.held.releaseAll()
        server.finish(within: 0)
    }

    func client() throws -> RawClient {
        if let directory { return try RawClient(path: directory.path("a.sock")) }
        return try RawClient(port: port)
    }

    /// Sends a request on a new socket.
    func ask(_ request: String) throws -> Response? {
        try client().ask(request)
    }
}

extension ServerLimits {
    /// Deadlines that no test reaches on a busy machine. A test shortens the one that it is about.
    static var generous: ServerLimits {
        var limits = ServerLimits()
        for limit in [\ServerLimits.handshake, \.firstByte, \.header, \.body, \.request, \.answer, \.idle] {
            limits[keyPath: limit] = 600_000
        }
        return limits
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

/// Polls until a condition holds; false after `seconds`.
func eventually(within seconds: Double = 300, _ condition: () -> Bool) -> Bool {
    let end = Date.now.addingTimeInterval(seconds)
    while Date.now < end {
        if condition() { return true }
        usleep(2_000)
    }
    return condition()
}
