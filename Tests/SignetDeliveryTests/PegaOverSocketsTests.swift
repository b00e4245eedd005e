import Dispatch
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSandbox
import SignetSystem
import Testing

/// Pega's two calls through the rules and over sockets: what comes out, and within which time.
@Suite struct PegaOverSocketsTests {
    private let client: DeliveryClient
    /// For vendors that answer, however busy the machine is.
    private let patient = DeliverySettings(
        connect: 100_000, call: 100_000, total: 100_000, perConnection: 150)
    /// For vendors that do not.
    private let brief = DeliverySettings(connect: 1_000, call: 1_000, total: 3_000)

    init() throws {
        client = DeliveryClient(transport: try CurlTransport())
    }

    @Test func customersAndAnonymousVisitorsAtOnce() async throws {
        let pega = SandboxPega(widgetID: TestPega.widgetID, key: try TestPega.key())
        let server = try RawServer(pega)
        let connection = try TestPega.connection(at: server.url(""))
        let (client, patient) = (client, patient)
        try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            for number in 0..<150 {
                group.addTask {
                    let identity = number % 3 == 0 ? .anonymous : try TestPega.customer("customer-\(number)")
                    return (
                        number,
                        try await TestPega.badge(identity, from: connection, by: client, settings: patient).value
                    )
                }
            }
            for try await (number, id) in group {
                let session = try #require(id.flatMap(pega.session))
                #expect(session.customerID == (number % 3 == 0 ? nil : "customer-\(number)"))
                let data: JSONValue = ["externalUserId": .string("customer-\(number)"), "authenticated": "true"]
                #expect(session.privateData == (number % 3 == 0 ? nil : data))
            }
        }
        #expect(pega.counts.created == 150)
        #expect(pega.counts.delivered == 100)
        #expect(pega.counts.refused == 0)
        #expect(pega.counts.repeatedTokens == 0)
        #expect(pega.counts.greatestTokenAge <= 60)
    }

    @Test func theBadgeComesAfterTheEndOfTheLastAnswer() async throws {
        let isHalfSent = AsyncStream<Void>.makeStream()
        let mayEnd = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while let request = connection.request() {
                guard request.contains("/private-data") else {
                    connection.answer(body: #"{"sessionId": "s"}"#)
                    continue
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
                isHalfSent.continuation.yield()
                _ = mayEnd.wait(timeout: .now() + 100)
                connection.send("}")
            }
        }
        let connection = try TestPega.connection(at: server.url(""))
        let transport = try CurlTransport()
        let client = DeliveryClient(transport: transport)
        let isHandedOut = Lock(false)
        let task = Task {
            defer { isHandedOut.withLock { $0 = true } }
            return try await TestPega.badge(try TestPega.customer(), from: connection, by: client, settings: patient)
        }
        var half = isHalfSent.stream.makeAsyncIterator()
        _ = await half.next()
        // Time enough to hand out a badge too early: libcurl's one thread has these answers after that half.
        for _ in 1...20 {
            #expect(try await transport.send(vendorRequest(server.url("/other")), within: ample).status == 200)
        }
        #expect(isHandedOut.withLock { $0 } == false)
        mayEnd.signal()
        #expect(try await task.value.value == "s")
    }

    /// What Pega does with requests, by their number, and what becomes of them.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: DeliveryError.Kind?
        let requests: Int
        let serve: @Sendable (_ request: Int, RawConnection) -> Void

        init(
            _ name: String, _ kind: DeliveryError.Kind?, requests: Int,
            _ serve: @escaping @Sendable (_ request: Int, RawConnection) -> Void
        ) {
            testDescription = name
            self.kind = kind
            self.requests = requests
            self.serve = serve
        }
    }

    static let session = #"{"sessionId": "s"}"#

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            Case("200 and 200", nil, requests: 2) { $1.answer(body: session) },
            Case("500, then 200", nil, requests: 3) { request, connection in
                if request == 1 { connection.answer(500) } else { connection.answer(body: session) }
            },
            Case("200, 503, then 200", nil, requests: 3) { request, connection in
                if request == 2 { connection.answer(503) } else { connection.answer(body: session) }
            },
            Case("a reset, then 200", nil, requests: 3) { request, connection in
                if request == 1 { connection.reset() } else { connection.answer(body: session) }
            },
            Case("500 for ever", .refused, requests: 3) { $1.answer(500) },
            Case("resets for ever", .unreachable, requests: 3) { $1.reset() },
            Case("401 with a challenge", .refused, requests: 1) {
                $1.answer(401, "WWW-Authenticate: Basic realm=\"r\"\r\n")
            },
            Case("401 for the private data", .refused, requests: 2) { request, connection in
                if request == 1 { connection.answer(body: session) } else { connection.answer(401) }
            },
            Case("a redirect", .refused, requests: 1) { $1.answer(302, "Location: /elsewhere\r\n") },
            Case("patience beyond the budget", .refused, requests: 1) { $1.answer(429, "Retry-After: 600\r\n") },
            Case("garbage JSON", .senseless, requests: 1) { $1.answer(body: "{{{") },
            Case("no sessionId", .senseless, requests: 1) { $1.answer(body: "{}") },
            Case("gzip that nobody asked for", .senseless, requests: 1) {
                $1.answer(200, "Content-Encoding: gzip\r\n", body: "\u{1F}\u{8B}\u{8}")
            },
            Case("garbage", .senseless, requests: 1) {
                $1.send("garbage\r\n\r\n")
                $1.close()
            },
            Case("half an answer", .senseless, requests: 1) {
                $1.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
                $1.close()
            },
            Case("a gigabyte", .senseless, requests: 1) { _, connection in
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
                while connection.send(String(repeating: "x", count: 65_536)) {}
            },
            Case("silence", .timedOut, requests: 1) { $1.waitUntilClosed() },
            Case("silence for the private data", .timedOut, requests: 2) {
                if $0 == 1 { $1.answer(body: session) } else { $1.waitUntilClosed() }
            },
            Case("a dripping answer", .timedOut, requests: 1) {
                $1.drip("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 5_000))
            },
        ])
    func misbehaviour(test: Case) async throws {
        let count = Lock(0)
        let server = try RawServer { connection in
            while connection.request() != nil {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                test.serve(number, connection)
            }
        }
        let connection = try TestPega.connection(at: server.url(""))
        let settings = test.kind == .timedOut ? brief : patient
        var kind: DeliveryError.Kind?
        do {
            let badge = try await TestPega.badge(
                try TestPega.customer(), from: connection, by: client, settings: settings)
            #expect(badge.value == "s")
        } catch let error as DeliveryError {
            kind = error.kind
        }
        #expect(kind == test.kind)
        // A machine that is busy for longer than the budget does not come to the second call.
        let arrived = server.requests.count
        #expect(arrived == test.requests || (test.kind == .timedOut && arrived < test.requests))
    }

    @Test func aVendorThatIsDownHoldsNobodyUp() async throws {
        let pega = SandboxPega(widgetID: TestPega.widgetID, key: try TestPega.key())
        let good = try RawServer(pega)
        let bad = try RawServer { $0.waitUntilClosed() }
        let connection = try TestPega.connection(at: good.url(""))
        let silent = try TestPega.connection(at: bad.url(""), named: "silent")
        // No time passes but in libcurl: neither a budget nor a breaker's pause runs out while the machine is busy.
        let now = MonotonicTime.now
        var clock = DeliveryClock.system
        clock.now = { now }
        let client = DeliveryClient(transport: try CurlTransport(), clock: clock)
        let (patient, brief) = (patient, brief)
        let hanging = (1...5).map { _ in
            Task {
                _ = try await TestPega.badge(.anonymous, from: silent, by: client, settings: brief)
            }
        }
        for _ in 1...50 {
            _ = try await TestPega.badge(.anonymous, from: connection, by: client, settings: patient)
        }
        for task in hanging {
            let error = await #expect(throws: DeliveryError.self) { try await task.value }
            #expect(error?.kind == .timedOut)
        }
        #expect(client.circuitState(of: "silent") == .open)
        #expect(client.circuitState(of: "pega-test") == .closed)
        let error = await #expect(throws: DeliveryError.self) {
            try await TestPega.badge(.anonymous, from: silent, by: client)
        }
        #expect(error?.kind == .circuitOpen)
        // The thread that accepts may be behind, and never ahead.
        #expect(bad.accepted <= 5)
    }
}
