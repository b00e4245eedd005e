import Foundation

/// A client that sends any bytes, also invalid HTTP.
final class RawClient: Sendable {
    let descriptor: Int32

    struct Failure: Error {
        let step: String
        let code: Int32
    }

    /// Connects to a port of 127.0.0.1.
    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        try connect(to: address)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects to a Unix-domain socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try connect(to: address)
    }

    deinit {
        close(descriptor)
    }

    /// Shuts both directions down.
    func closeNow() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func connect<Address>(to address: Address) throws {
        let code = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if code != 0 { throw Failure(step: "connect", code: errno) }
        // No call waits longer, so that a test fails and does not hang.
        var limit = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends all bytes; false if the server has closed.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool {
        send(text.utf8)
    }

    /// Sends as much as possible without waiting, and returns the number of bytes.
    func sendWhatFits(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// Shuts the sending direction down.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Waits for bytes: empty at the end of the stream, nil if nothing came for `milliseconds`.
    func receive(within milliseconds: Int32 = 300_000) -> [UInt8]? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// All bytes until the server closes; nil if it does not.
    func receiveAll(within milliseconds: Int32 = 300_000) -> [UInt8]? {
        var all: [UInt8] = []
        while let piece = receive(within: milliseconds) {
            if piece.isEmpty { return all }
            all += piece
        }
        return nil
    }

    /// Reads one response, whose header gives its length.
    func response(toHead isHead: Bool = false) -> Response? {
        var bytes: [UInt8] = []
        while true {
            if let response = Response(bytes, isHead: isHead) { return response }
            guard let piece = receive(), !piece.isEmpty else { return nil }
            bytes += piece
        }
    }

    /// Sends a request and reads its response.
    func ask(_ request: String) -> Response? {
        send(request)
        return response()
    }
}

/// A response of a server.
struct Response: Equatable {
    var status: Int
    var headers: [String: String] = [:]
    var body: [UInt8]
    /// The bytes after it.
    var rest: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Parses a response; nil if it is incomplete.
    init?(_ bytes: [UInt8], isHead: Bool = false) {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4,
            let split = bytes.indices.dropLast(3).first(where: { bytes[$0..<($0 + 4)].elementsEqual(end) })
        else { return nil }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        self.status = status
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let length = isHead || status / 100 == 1 ? 0 : Int(headers["content-length"] ?? "") ?? 0
        let start = split + 4
        guard bytes.count >= start + length else { return nil }
        body = Array(bytes[start..<(start + length)])
        rest = Array(bytes[(start + length)...])
    }

    /// All responses in a row.
    static func all(in bytes: [UInt8]) -> [Response] {
        var found: [Response] = []
        var rest = bytes
        while let next = Response(rest) {
            found.append(next)
            rest = next.rest
        }
        return found
    }
}
