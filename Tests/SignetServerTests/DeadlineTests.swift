import SignetIdentity
import SignetServer
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct DeadlineTests {
    private static let limits = {
        var limits = ServerLimits()
        limits.firstByte = 500
        limits.header = 400
        limits.body = 700
        limits.request = 1_200
        limits.answer = 800
        limits.idle = 1_000
        return limits
    }()

    /// What is sent at once, what is dripped after it, when it is cut, and with which answer.
    struct Drip: CustomTestStringConvertible, Sendable {
        let name: String
        let first: String
        var drip = ""
        let limit: Int64
        var status: Int? = 408
        var testDescription: String { name }
    }

    private static let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let drips = [
        Drip(name: "nothing", first: "", limit: 500, status: nil),
        Drip(name: "half a request line", first: "GET /", limit: 400),
        Drip(name: "half a header", first: "GET / HTTP/1.1\r\nHost: x\r\n", limit: 400),
        Drip(name: "half a body", first: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\nabc", limit: 700),
        Drip(name: "half a chunk", first: chunked + "ff\r\nabc", limit: 700),
        Drip(name: "a dripped request line", first: "", drip: "GET /aaaaaaaa", limit: 400),
        Drip(name: "a dripped header", first: "GET / HTTP/1.1\r\n", drip: "Host: x\r\nX: a\r\n", limit: 400),
        Drip(
            name: "a dripped body", first: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", drip: "a",
            limit: 700),
        Drip(name: "a dripped chunk", first: chunked + "fff\r\n", drip: "a", limit: 700),
        Drip(name: "a dripped chunk extension", first: chunked + "5;", drip: "a", limit: 700),
        Drip(
            name: "a dripped body after an answer",
            first: get("/") + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n",
            drip: "a", limit: 700),
        Drip(
            name: "a header after an answer", first: get("/") + "GET / HTTP/1.1\r\nX: a\r\n", drip: "X: a\r\n",
            limit: 400),
        Drip(name: "silence after an answer", first: get("/"), limit: 1_000, status: nil),
        Drip(name: "a dripped request line after an answer", first: get("/"), drip: "GET /aaaaaaaaaa", limit: 400),
    ]

    @Test(arguments: drips)
    func whatTakesTooLongIsCut(_ example: Drip) throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        let start = MonotonicTime.now
        client.send(example.first)
        if example.first.hasPrefix(get("/")) { #expect(client.response()?.status == 200) }
        var drips = Array(example.drip.utf8).makeIterator()
        var answer: [UInt8] = []
        while true {
            if let piece = client.receive(within: 20) {
                answer += piece
                if piece.isEmpty { break }
                continue
            }
            if let byte = drips.next() {
                client.send([byte])
            } else if !example.drip.isEmpty {
                drips = Array(example.drip.utf8).makeIterator()
            }
            if MonotonicTime.now.nanoseconds(since: start) > 15_000_000_000 { break }
        }
        let milliseconds = Int64(MonotonicTime.now.nanoseconds(since: start) / 1_000_000)
        #expect(milliseconds >= example.limit)
        #expect(milliseconds < example.limit + 1_500, "much later than it should")
        #expect(Response(answer)?.status == example.status)
        #expect(answer.isEmpty == (example.status == nil))
        #expect(eventually { running.server.statistics.openConnections == 0 })
        #expect(running.server.statistics.cutConnections == (example.limit == 1_000 ? 0 : 1))
    }

    @Test func pendingRequestIsAnsweredWhenItsTimeIsOver() throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        let start = MonotonicTime.now
        client.send(get("/never"))
        let response = try #require(client.response())
        #expect(response.text == "abandoned /never")
        #expect(MonotonicTime.now.nanoseconds(since: start) >= 1_200_000_000)
        #expect(running.server.statistics.abandonedReplies == 1)
        // The late answer is dropped, and the connection goes on.
        running.handler.gate.open("/never")
        #expect(client.ask(get("/again"))?.text.hasPrefix("GET /again") == true)
        #expect(running.server.statistics.cutConnections == 0)
    }

    @Test func clientThatDoesNotReadIsCut() throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        // It asks and asks, until no more answers fit into what lies between.
        let requests = Array(String(repeating: get("/"), count: 1_000).utf8)
        let length = get("/").utf8.count
        var offset = 0
        #expect(
            eventually {
                while true {
                    let count = client.sendWhatFits(requests[offset...])
                    guard count > 0 else { break }
                    offset = (offset + count) % length
                }
                return running.server.statistics.cutConnections == 1
            })
    }

    @Test func halfSentRequestsDoNotHoldUpOthers() throws {
        // The good client is done before the others are cut, however busy the machine is.
        let running = try RunningServer()
        let halves = try (0..<600).map { _ in
            let half = try running.client()
            half.send("GET / HTTP/1.1\r\nHost")
            return half
        }
        #expect(eventually { running.server.statistics.openConnections == 600 })
        let client = try running.client()
        for number in 0..<2_000 { try #require(client.ask(get("/\(number)"))?.status == 200) }
        for half in halves { half.finishSending() }
        for half in halves { #expect(half.receiveAll().flatMap { Response($0)?.status } ?? 408 == 408) }
        #expect(try running.ask(get("/"))?.status == 200)
    }

    @Test func clientThatHasFinishedSendingIsAnsweredAndClosed() throws {
        let running = try RunningServer()
        let clients = try (0..<200).map { _ in
            let client = try running.client()
            client.send(get("/"))
            client.finishSending()
            return client
        }
        for client in clients {
            #expect(client.response()?.status == 200)
            #expect(client.receiveAll() == [])
        }
        #expect(running.server.statistics.cutConnections == 0)
    }

    /// Half a request and a close held a connection to its deadline once.
    @Test(arguments: [
        "GET /", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel",
    ])
    func halfARequestAndACloseEndAtOnce(_ half: String) throws {
        let running = try RunningServer()
        let clients = try (0..<50).map { _ in
            let client = try running.client()
            client.send(half)
            client.finishSending()
            return client
        }
        for client in clients { #expect(client.receiveAll(within: 4_000) == []) }
        #expect(eventually { running.server.statistics.openConnections == 0 })
        #expect(running.handler.targets.isEmpty)
    }

    @Test func refusedClientThatStaysIsClosed() throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        #expect(client.ask("GET / HTTP/1.1\r\n\r\n")?.status == 400)
        #expect(client.receiveAll() == [])
    }
}
