import SignetIdentity
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct DeadlineTests {
    private static func limits(_ deadline: WritableKeyPath<ServerLimits, Int64>, _ milliseconds: Int64) -> ServerLimits
    {
        var limits = ServerLimits.generous
        limits[keyPath: deadline] = milliseconds
        return limits
    }

    /// What a client sends at once, what it sends byte by byte after that, the only short deadline, and the status of the last
    /// answer.
    ///
    /// `ClientStateTests` check the deadlines to the millisecond.
    struct Drip: CustomTestStringConvertible, Sendable {
        let name: String
        let first: String
        var drip = ""
        let deadline: any WritableKeyPath<ServerLimits, Int64> & Sendable
        var status: Int? = 408
        var isCut = true
        var testDescription: String { name }
    }

    private static let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let sized = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    private static let drips = [
        Drip(name: "nothing", first: "", deadline: \.firstByte, status: nil),
        Drip(name: "half a request line", first: "GET /", deadline: \.header),
        Drip(name: "half a header", first: "GET / HTTP/1.1\r\nHost: x\r\n", deadline: \.header),
        Drip(name: "half a body", first: sized + "abc", deadline: \.body),
        Drip(name: "half a body, in the request's time", first: sized + "abc", deadline: \.request),
        Drip(name: "half a chunk", first: chunked + "ff\r\nabc", deadline: \.body),
        Drip(name: "a dripped request line", first: "", drip: "GET /aaaaaaaa", deadline: \.header),
        Drip(name: "a dripped header", first: "GET / HTTP/1.1\r\n", drip: "X: a\r\n", deadline: \.header),
        Drip(name: "a dripped body", first: sized, drip: "a", deadline: \.body),
        Drip(name: "a dripped chunk", first: chunked + "fff\r\n", drip: "a", deadline: \.body),
        Drip(name: "a dripped chunk extension", first: chunked + "5;", drip: "a", deadline: \.body),
        Drip(name: "a dripped body after an answer", first: get("/") + sized, drip: "a", deadline: \.body),
        Drip(
            name: "a header after an answer", first: get("/") + "GET / HTTP/1.1\r\nX: a\r\n", drip: "X: a\r\n",
            deadline: \.header),
        Drip(name: "silence after an answer", first: get("/"), deadline: \.idle, status: nil, isCut: false),
        Drip(name: "a dripped request line after an answer", first: get("/"), drip: "GET /aaaa", deadline: \.header),
    ]

    @Test(arguments: drips)
    func slowClientIsCutOff(_ example: Drip) throws {
        let running = try RunningServer(limits: Self.limits(example.deadline, 500))
        let start = MonotonicTime.now
        let client = try running.client()
        client.send(example.first)
        var answer: [UInt8] = []
        if example.first.hasPrefix(get("/")) {
            let first = try #require(client.response())
            #expect(first.status == 200)
            answer = first.rest
        }
        let drips = Array(example.drip.utf8)
        var dripped = 0
        var hasEnded = false
        while !hasEnded, MonotonicTime.now.nanoseconds(since: start) < 300_000_000_000 {
            if let piece = client.receive(within: 20) {
                answer += piece
                hasEnded = piece.isEmpty
            } else if !drips.isEmpty {
                client.send([drips[dripped % drips.count]])
                dripped += 1
            }
        }
        #expect(hasEnded, "no deadline closes the socket")
        #expect(MonotonicTime.now.nanoseconds(since: start) >= 500_000_000)
        #expect(Response(answer)?.status == example.status)
        #expect(answer.isEmpty == (example.status == nil))
        #expect(eventually { running.server.statistics.openClients == 0 })
        #expect(running.server.statistics.cutClients == (example.isCut ? 1 : 0))
    }

    @Test func pendingRequestIsAnsweredAtItsDeadline() throws {
        let running = try RunningServer(limits: Self.limits(\.request, 1_200))
        let client = try running.client()
        let start = MonotonicTime.now
        client.send(get("/never"))
        let response = try #require(client.response())
        #expect(response.text == "abandoned /never")
        #expect(MonotonicTime.now.nanoseconds(since: start) >= 1_200_000_000)
        #expect(running.server.statistics.abandonedReplies == 1)
        // The late answer is dropped, and the socket stays open.
        running.handler.held.release("/never")
        #expect(client.ask(get("/again"))?.text.hasPrefix("GET /again") == true)
        #expect(running.server.statistics.cutClients == 0)
    }

    @Test func clientThatDoesNotReadIsCutOff() throws {
        let running = try RunningServer(limits: Self.limits(\.answer, 800))
        let client = try running.client()
        // It sends requests until the socket buffers are full of answers.
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
                return running.server.statistics.cutClients == 1
            })
    }

    @Test func incompleteRequestsDoNotDelayOthers() throws {
        let running = try RunningServer()
        let halves = try (0..<600).map { _ in
            let half = try running.client()
            half.send("GET / HTTP/1.1\r\nHost")
            return half
        }
        #expect(eventually { running.server.statistics.openClients == 600 })
        let client = try running.client()
        for number in 0..<2_000 { try #require(client.ask(get("/\(number)"))?.status == 200) }
        // The others are still open.
        #expect(running.server.statistics.openClients == 601)
        for half in halves { half.finishSending() }
        for half in halves { #expect(half.receiveAll() == []) }
        #expect(eventually { running.server.statistics.openClients == 1 })
        #expect(running.server.statistics.cutClients == 0)
        #expect(client.ask(get("/"))?.status == 200)
    }

    @Test func halfClosedClientIsAnsweredAndClosed() throws {
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
        #expect(running.server.statistics.cutClients == 0)
    }

    /// Once such a client stayed until its deadline.
    @Test(arguments: [
        "GET /", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel",
    ])
    func incompleteRequestWithHalfCloseIsClosedAtOnce(_ half: String) throws {
        let running = try RunningServer()
        let clients = try (0..<50).map { _ in
            let client = try running.client()
            client.send(half)
            client.finishSending()
            return client
        }
        for client in clients { #expect(client.receiveAll() == []) }
        #expect(eventually { running.server.statistics.openClients == 0 })
        #expect(running.handler.targets.isEmpty)
    }

    @Test func refusedClientThatStaysIsClosed() throws {
        let running = try RunningServer()
        let client = try running.client()
        #expect(client.ask("GET / HTTP/1.1\r\n\r\n")?.status == 400)
        #expect(client.receiveAll() == [])
    }
}
