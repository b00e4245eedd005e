import Foundation
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// What vendors can do wrong, and what it is called.
@Suite struct CurlFailureTests {
    private let transport: CurlTransport
    private let brief = TransportLimits(connect: 200, total: 300)

    init() throws {
        transport = try CurlTransport()
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: TransportError
        let serve: @Sendable (RawConnection) -> Void

        init(_ name: String, _ error: TransportError, _ serve: @escaping @Sendable (RawConnection) -> Void) {
            testDescription = name
            self.error = error
            self.serve = serve
        }

        /// Sends something and closes.
        init(_ name: String, _ error: TransportError, sends text: String) {
            self.init(name, error) { connection in
                connection.request()
                connection.send(text)
            }
        }
    }

    static let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"

    static let faults = [
        Fault("reset at the first byte", .reset) { connection in
            connection.waitForBytes()
            connection.reset()
        },
        Fault("closed at once", .reset) { _ in },
        Fault("reset before the answer", .reset) { connection in
            connection.request()
            connection.reset()
        },
        Fault("closed before the answer", .reset, sends: ""),
        Fault("reset in the status line", .reset) { connection in
            connection.request()
            connection.send("HTTP/1.1 20")
            connection.reset()
        },
        Fault("closed in the status line", .reset, sends: "HTTP/1.1 20"),
        Fault("closed in the header", .senseless, sends: "HTTP/1.1 200 OK\r\nContent-Le"),
        Fault("closed in the body", .senseless, sends: half),
        Fault("reset in the body", .senseless) { connection in
            connection.request()
            connection.send(half)
            connection.reset()
        },
        Fault(
            "closed in a chunk", .senseless,
            sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"),
        Fault(
            "closed before the last chunk", .senseless,
            sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        Fault(
            "a chunk of no length", .senseless,
            sends: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"),
        Fault("HTTP/0.9", .senseless, sends: "{\"sessionId\": \"s\"}"),
        Fault("garbage", .senseless, sends: String(repeating: "\u{1}\u{0}\u{7F}garbage", count: 100)),
        Fault("HTTP/3 in plain text", .senseless, sends: "HTTP/3 200\r\n\r\n"),
        Fault("a status of two digits", .senseless, sends: "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
        Fault("a length that is none", .senseless, sends: "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}"),
        Fault("an SSH server", .senseless, sends: "SSH-2.0-OpenSSH_9.2p1\r\n"),
        Fault("one gigabyte", .tooLong) { connection in
            connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
            let part = [UInt8](repeating: 0x78, count: 65_536)
            for _ in 0..<16_384 where !connection.send(part) { break }
        },
        Fault("chunks without end", .tooLong) { connection in
            connection.request()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while connection.send("5\r\nhello\r\n") {}
        },
        Fault("header fields without end", .tooLong) { connection in
            connection.request()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send("X-More: and more\r\n") {}
        },
        Fault("a header field without end", .tooLong) { connection in
            connection.request()
            connection.send("HTTP/1.1 200 OK\r\nX-More: ")
            while connection.send(String(repeating: "x", count: 1_024)) {}
        },
        Fault("interim answers without end", .tooLong) { connection in
            connection.request()
            while connection.send("HTTP/1.1 102 Wait\r\nX: y\r\n\r\n") {}
        },
        Fault("trailers without end", .tooLong) { connection in
            connection.request()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
            while connection.send("X-More: and more\r\n") {}
        },
    ]

    @Test(arguments: faults)
    func faultsAreToldApart(fault: Fault) async throws {
        let server = try RawServer(fault.serve)
        #expect(await transport.failure(of: vendorRequest(server.url())) == fault.error)
        #expect(server.requests.count <= 1)
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            Fault("silence", .timedOut) { connection in
                connection.request()
                connection.waitUntilClosed()
            },
            Fault("half an answer", .timedOut) { connection in
                connection.request()
                connection.send(half)
                connection.waitUntilClosed()
            },
            Fault("a dripping header", .timedOut) { connection in
                connection.request()
                connection.drip("HTTP/1.1 200 OK\r\nX-More: " + String(repeating: "x", count: 1_000))
            },
            Fault("a dripping body", .timedOut) { connection in
                connection.request()
                connection.drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 900))
            },
            Fault("interim answers and silence", .timedOut) { connection in
                connection.request()
                connection.send("HTTP/1.1 102 Wait\r\n\r\n")
                connection.waitUntilClosed()
            },
        ])
    func theTimeIsUpWhateverComes(fault: Fault) async throws {
        let server = try RawServer(fault.serve)
        let start = MonotonicTime.now
        #expect(await transport.failure(of: vendorRequest(server.url()), within: brief) == .timedOut)
        let milliseconds = MonotonicTime.now.nanoseconds(since: start) / 1_000_000
        // Whatever it is that keeps the machine busy: without a limit this would have no end.
        #expect(milliseconds >= 290)
    }

    @Test func aConnectionThatDoesNotComeAboutIsGivenUp() async throws {
        let (listener, port) = try RawServer.listen(backlog: 0)
        // Two fill the queue of a listener that nobody accepts from; what comes then gets no answer at all.
        let fillers = (0..<2).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0) }
        defer { for open in fillers + [listener] { close(open) } }
        for filler in fillers {
            var address = RawServer.loopback(port: port)
            withUnsafePointer(to: &address) {
                _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        let start = MonotonicTime.now
        let limits = TransportLimits(connect: 300, total: 250_000)
        #expect(await transport.failure(of: vendorRequest("http://127.0.0.1:\(port)/"), within: limits) == .timedOut)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 100_000_000_000)
    }

    @Test func nobodyThere() async throws {
        let (holder, port) = try RawServer.listen(backlog: nil)
        defer { close(holder) }
        #expect(
            await transport.failure(of: vendorRequest("http://127.0.0.1:\(port)/"))
                == .notConnected("connection refused, or no route to the host"))
    }

    /// The same signature is not sent a second time behind everybody's back.
    @Test(arguments: [true, false])
    func aKeptConnectionThatBreaksIsAReset(withReset: Bool) async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer()
            guard connection.request() != nil else { return }
            if withReset { connection.reset() }
        }
        #expect(await transport.failure(of: vendorRequest(server.url("/first"))) == nil)
        #expect(await transport.failure(of: vendorRequest(server.url("/second"))) == .reset)
        #expect(server.requests.count { $0.contains("/second") } == 1)
        #expect(await transport.failure(of: vendorRequest(server.url("/third"))) == nil)
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [
        ("http://vendor.example/", "the address is not https"), ("http://192.0.2.1/", "the address is not https"),
        ("http://localhost.example/", "the address is not https"),
        ("ftp://127.0.0.1/", "the address is not an https address"),
        ("file:///etc/passwd", "the address is not an https address"),
        ("https://user:password@127.0.0.1/", "the address is not an https address"),
        ("127.0.0.1", "the address is not an https address"), ("", "the address is not an https address"),
        ("https://127.0.0.1:1/\u{7F}", "the request holds a control character"),
    ])
    func addressesThatAreNotCalled(url: String, reason: String) async {
        #expect(await transport.failure(of: vendorRequest(url)) == .notConnected(reason))
    }

    @Test func aLineEndMakesNoSecondHeaderField() async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer()
        }
        for request in [
            vendorRequest(server.url(), headers: [("X-A", "b\r\nX-C: d")]),
            vendorRequest(server.url(), headers: [("X-A: b\nX-C", "d")]),
            vendorRequest(server.url("/ HTTP/1.1\r\nX-C: d\r\n")), vendorRequest(server.url(), method: "POST /\n"),
        ] {
            #expect(await transport.failure(of: request) == .notConnected("the request holds a control character"))
        }
        #expect(server.requests.isEmpty)
    }

    /// In a process of its own: other tests need memory too.
    @Test func aGigabyteLeavesMemoryAsItIs() async {
        await #expect(processExitsWith: .success) {
            let sent = Lock(0)
            let server = try RawServer { connection in
                connection.request()
                connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                let part = [UInt8](repeating: 0x78, count: 65_536)
                for _ in 0..<16_384 {
                    guard connection.send(part) else { return }
                    sent.withLock { $0 += part.count }
                }
            }
            let transport = try CurlTransport()
            let before = Self.residentKilobytes
            #expect(before > 0)
            for _ in 1...20 {
                #expect(await transport.failure(of: vendorRequest(server.url())) == .tooLong)
            }
            // What the sockets' buffers hold, and not a gigabyte.
            #expect(sent.withLock { $0 } < 20 * 32 * 1_024 * 1_024)
            if !Sanitizer.isActive { #expect(Self.residentKilobytes - before < 64 * 1_024) }
        }
    }

    /// The most that was ever resident.
    private static var residentKilobytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return line.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }.first ?? 0
    }
}
