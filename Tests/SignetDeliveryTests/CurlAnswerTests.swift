import Foundation
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import Testing

/// What is sent, and which answers are read.
@Suite struct CurlAnswerTests {
    private let transport: CurlTransport

    init() throws {
        transport = try CurlTransport(userAgent: "signet/test")
    }

    @Test func theRequestHoldsWhatItShouldAndNothingElse() async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer(body: #"{"sessionId": "s"}"#)
        }
        let answer = try await transport.send(
            vendorRequest(server.url("/w/create"), body: #"{"customerId": "c"}"#), within: ample)
        #expect(answer.status == 200)
        #expect(answer.retryAfter == nil)
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"sessionId": "s"}"#)
        let request = try #require(server.requests.first)
        let expected = [
            "POST /w/create HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "User-Agent: signet/test", "Accept: */*",
            "Content-Type: application/json", "Authorization: Bearer a.b.c", "Content-Length: 19", "",
            #"{"customerId": "c"}"#,
        ]
        #expect(request.components(separatedBy: "\r\n").filter { !$0.isEmpty } == expected.filter { !$0.isEmpty })
    }

    @Test func largeBodiesAreSentAtOnce() async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer()
        }
        let body = String(repeating: "x", count: 2_000_000)
        #expect(try await transport.send(vendorRequest(server.url(), body: body), within: ample).status == 200)
        let request = try #require(server.requests.first)
        #expect(request.hasSuffix("\r\n\r\n" + body))
        #expect(!request.contains("Expect"))
    }

    @Test(arguments: ["GET", "PUT", "DELETE"])
    func otherMethods(method: String) async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer(204)
        }
        let request = vendorRequest(server.url(), method: method, body: "")
        #expect(try await transport.send(request, within: ample).status == 204)
        #expect(server.requests.first?.hasPrefix("\(method) / HTTP/1.1\r\n") == true)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var status = 200
        var body = ""
        var retryAfter: Int?

        init(_ name: String, _ text: String, status: Int = 200, body: String = "", retryAfter: Int? = nil) {
            testDescription = name
            self.text = text
            self.status = status
            self.body = body
            self.retryAfter = retryAfter
        }
    }

    @Test(arguments: [
        Answer(
            "chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n",
            body: "abcde"),
        Answer("until the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", body: "abc"),
        Answer("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc", body: "abc"),
        Answer("no body", "HTTP/1.1 204 No Content\r\n\r\n", status: 204),
        Answer(
            "gzip that nobody asked for", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            body: "abc"),
        Answer(
            "an interim answer",
            "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        Answer(
            "a redirect",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", status: 302),
        Answer(
            "a redirect elsewhere", "HTTP/1.1 307 Go\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
            status: 307),
        Answer(
            "a challenge", "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nno",
            status: 401, body: "no"),
        Answer(
            "patience", "HTTP/1.1 429 No\r\nretry-AFTER: \t 17 \r\nContent-Length: 0\r\n\r\n",
            status: 429,
            retryAfter: 17),
        Answer(
            "a cookie", "HTTP/1.1 503 No\r\nSet-Cookie: a=b\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n",
            status: 503),
        Answer(
            "a date", "HTTP/1.1 503 No\r\nRetry-After: Fri, 15 Jan 2027 08:00:04 GMT\r\nContent-Length: 0\r\n\r\n",
            status: 503, retryAfter: 86_400),
        Answer(
            "a past date", "HTTP/1.1 503 No\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
            status: 503),
    ])
    func answers(_ expected: Answer) async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.send(expected.text)
        }
        let answer = try await transport.send(vendorRequest(server.url()), within: ample)
        #expect(answer.status == expected.status)
        #expect(String(decoding: answer.body, as: UTF8.self) == expected.body)
        #expect(answer.retryAfter == expected.retryAfter)
        #expect(server.requests.count == 1)
    }

    @Test func theLongestAnswerAndNoByteMore() async throws {
        let server = try RawServer { connection in
            while let request = connection.request() {
                let length = request.contains("/longer") ? 65_537 : 65_536
                connection.answer(body: String(repeating: "x", count: length))
            }
        }
        #expect(try await transport.send(vendorRequest(server.url()), within: ample).body.count == 65_536)
        #expect(await transport.failure(of: vendorRequest(server.url("/longer"))) == .tooLong)
    }

    @Test(arguments: [302, 404, 500, 503])
    func aLongRefusalIsARefusal(status: Int) async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer(status, "Retry-After: 4\r\n", body: String(repeating: "x", count: 1_000_000))
        }
        let answer = try await transport.send(vendorRequest(server.url()), within: ample)
        #expect(answer.status == status)
        #expect(answer.retryAfter == 4)
        #expect(answer.body.isEmpty)
    }

    @Test func connectionsAreUsedAgainAndKeepNothing() async throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer(200, "Set-Cookie: a=b\r\n") }
        }
        for _ in 1...20 { _ = try await transport.send(vendorRequest(server.url()), within: ample) }
        #expect(server.accepted == 1)
        #expect(server.requests.count == 20)
        #expect(server.requests.allSatisfy { $0.contains("Authorization: Bearer a.b.c") && !$0.contains("Cookie") })
    }

    @Test func aConnectionClosedWhileIdleIsNoticed() async throws {
        let server = try RawServer { connection in
            connection.request()
            connection.answer()
            // Before the client's system knows of the end, libcurl would send into it, which is a reset.
            connection.finish()
        }
        var closures = server.closures.makeAsyncIterator()
        for _ in 1...5 {
            _ = try await transport.send(vendorRequest(server.url()), within: ample)
            _ = await closures.next()
        }
        #expect(server.requests.count == 5)
    }

    /// In a process of its own: the environment is everybody's.
    @Test func theEnvironmentsProxyIsNotUsed() async {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:1", 1)
            }
            let server = try RawServer { connection in
                connection.request()
                connection.answer()
            }
            _ = try await CurlTransport().send(vendorRequest(server.url()), within: ample)
        }
    }

    @Test func manyAtOnce() async throws {
        let gate = Gate(opensAt: 128)
        let server = try RawServer { connection in
            while connection.request() != nil {
                // Nobody is answered before all are there: none waits for another.
                gate.pass()
                connection.answer()
            }
        }
        let transport = transport
        let answered = await withTaskGroup(of: Int?.self) { group in
            for _ in 1...128 {
                group.addTask { try? await transport.send(vendorRequest(server.url()), within: ample).status }
            }
            return await group.reduce(into: 0) { $0 += $1 == 200 ? 1 : 0 }
        }
        #expect(answered == 128)
        #expect(server.accepted == 128)
    }
}

/// Lets nobody through before so many have come.
private final class Gate: Sendable {
    private let condition = NSCondition()
    private let missing: Lock<Int>

    init(opensAt count: Int) {
        missing = Lock(count)
    }

    func pass() {
        condition.lock()
        defer { condition.unlock() }
        missing.withLock { $0 -= 1 }
        condition.broadcast()
        while missing.withLock({ $0 }) > 0 { condition.wait() }
    }
}
