import Foundation
import SignetJOSE
import SignetSystem

/// A server that does to its clients, byte by byte, what a test says; a thread for each connection.
final class RawServer: Sendable {
    let port: UInt16
    /// What arrives, request by request.
    let arrivals: AsyncStream<String>
    /// Something for each connection that has been closed here.
    let closures: AsyncStream<Void>
    private let shared: Shared

    private final class Shared: Sendable {
        let listener: Int32
        let open = Lock<[Int: RawConnection]>([:])
        let requests = Lock<[String]>([])
        let accepted = Lock(0)
        let arrival: AsyncStream<String>.Continuation

        init(listener: Int32, arrival: AsyncStream<String>.Continuation) {
            self.listener = listener
            self.arrival = arrival
        }
    }

    /// Listens on a free port of 127.0.0.1.
    init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        let (listener, port) = try Self.listen(backlog: 512)
        self.port = port
        let arrival: AsyncStream<String>.Continuation
        (arrivals, arrival) = AsyncStream.makeStream()
        let closure: AsyncStream<Void>.Continuation
        (closures, closure) = AsyncStream.makeStream()
        let shared = Shared(listener: listener, arrival: arrival)
        self.shared = shared
        Thread.detachNewThread {
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                let number = shared.accepted.withLock { count in
                    count += 1
                    return count
                }
                let connection = RawConnection(socket: socket, number: number) { request in
                    shared.requests.withLock { $0.append(request) }
                    shared.arrival.yield(request)
                }
                shared.open.withLock { $0[number] = connection }
                Thread.detachNewThread {
                    serve(connection)
                    connection.close()
                    _ = shared.open.withLock { $0.removeValue(forKey: number) }
                    closure.yield()
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(shared.listener, Int32(SHUT_RDWR))
        for connection in shared.open.withLock({ Array($0.values) }) { connection.interrupt() }
    }

    /// The address of something there.
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
    /// All requests, in the order of their arrival.
    var requests: [String] { shared.requests.withLock { $0 } }
    /// How many connections there were.
    var accepted: Int { shared.accepted.withLock { $0 } }

    /// A socket on a free port of 127.0.0.1; without a backlog it has the port, and refuses connections.
    static func listen(backlog: Int32?) throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0
                    && backlog.map { Foundation.listen(listener, $0) == 0 } ?? true
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}

/// One connection that a raw server has accepted.
final class RawConnection: Sendable {
    /// The first one is number 1.
    let number: Int
    private let socket: Lock<Int32?>
    private let descriptor: Int32
    private let arrived: @Sendable (String) -> Void

    init(socket: Int32, number: Int, arrived: @escaping @Sendable (String) -> Void) {
        self.number = number
        self.socket = Lock(socket)
        descriptor = socket
        self.arrived = arrived
    }

    /// Reads one request with its body, or nil at the end of the connection.
    @discardableResult func request() -> String? {
        // A closed descriptor may be another connection's by now.
        guard isOpen else { return nil }
        var bytes: [UInt8] = []
        var length: Int?
        while true {
            if length == nil, let end = String(decoding: bytes, as: UTF8.self).range(of: "\r\n\r\n") {
                let head = String(decoding: bytes, as: UTF8.self)[..<end.upperBound]
                let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                let value = field?.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)
                length = head.utf8.count + (value.flatMap { Int($0) } ?? 0)
            }
            if let length, bytes.count >= length {
                let request = String(decoding: bytes, as: UTF8.self)
                arrived(request)
                return request
            }
            var part = [UInt8](repeating: 0, count: 16_384)
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes += part[..<count]
        }
    }

    /// Sends; false when nobody takes it any more.
    @discardableResult func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        guard isOpen else { return false }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private var isOpen: Bool { socket.withLock { $0 != nil } }

    /// Sends one byte after the other until nobody takes them any more.
    func drip(_ text: String) {
        for byte in text.utf8 {
            guard send([byte]) else { return }
            usleep(20_000)
        }
    }

    /// A whole answer.
    @discardableResult func answer(_ status: Int = 200, _ fields: String = "", body: String = "{}") -> Bool {
        send("HTTP/1.1 \(status) Word\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Waits until something has come, and leaves it there: the other side knows of the connection by then. A reset before that is
    /// a connection that never was.
    func waitForBytes() {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&waiting, 1, 60_000)
    }

    /// Waits until the other side has gone.
    func waitUntilClosed() {
        var part = [UInt8](repeating: 0, count: 1_024)
        while recv(descriptor, &part, part.count, 0) > 0 {}
    }

    /// Ends the sending side and waits until the other side's system has acknowledged the end.
    func finish() {
        shutdown(descriptor, Int32(SHUT_WR))
        // tcp(7), TCP_INFO: the first byte is the state, and 5 is FIN_WAIT2.
        var information = [UInt8](repeating: 0, count: 256)
        for _ in 0..<60_000 {
            var length = socklen_t(information.count)
            guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &information, &length) == 0 else { return }
            if information[0] == 5 { return }
            usleep(1_000)
        }
    }

    /// Closes with a reset.
    func reset() {
        var noLinger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &noLinger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        socket.withLock { socket in
            if let open = socket { Foundation.close(open) }
            socket = nil
        }
    }

    /// Ends what another thread is doing with it.
    func interrupt() {
        socket.withLock { if let open = $0 { _ = shutdown(open, Int32(SHUT_RDWR)) } }
    }
}
