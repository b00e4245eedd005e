import SignetIdentity
import SignetServer
import Testing

@Suite(.onThreads, .serialized) struct DeadlineTests {
    private static let limits = {
        var limits = ServerLimits()
        limits.header = 400
        limits.body = 700
        limits.request = 1_200
        limits.idle = 1_000
        return limits
    }()

    /// What is sent at once, what is dripped after it, and when it is cut.
    struct Drip: CustomTestStringConvertible, Sendable {
        let name: String
        let first: String
        var drip = ""
        let limit: Int64
        var testDescription: String { name }
    }

    private static let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let drips = [
        Drip(name: "nothing", first: "", limit: 400),
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
        Drip(name: "dripped trailers", first: chunked + "0\r\n", drip: "X: a\r\n", limit: 700),
        Drip(
            name: "a dripped body after an answer",
            first: get("/") + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n",
            drip: "a", limit: 700),
        Drip(
            name: "a header after an answer", first: get("/") + "GET / HTTP/1.1\r\nX: a\r\n", drip: "X: a\r\n",
            limit: 400),
        Drip(name: "silence after an answer", first: get("/"), limit: 1_000),
        // A later request line cannot be seen before it is whole.
        Drip(name: "a dripped request line after an answer", first: get("/"), drip: "GET /aaaaaaaaaa", limit: 1_000),
    ]

    @Test(arguments: drips)
    func cutsWhatTakesTooLong(_ example: Drip) throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        let start = MonotonicTime.now
        client.send(example.first)
        if example.first.hasPrefix(get("/")) { #expect(client.response()?.status == 200) }
        var drips = Array(example.drip.utf8).makeIterator()
        while true {
            if let piece = client.receive(within: 20) {
                #expect(piece.isEmpty)
                break
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
        let isIdle = example.limit == 1_000
        #expect(eventually { running.server.statistics.openConnections == 0 })
        #expect(running.server.statistics.cutConnections == (isIdle ? 0 : 1))
    }

    @Test func answersAtTheCeilingWhatStillWaits() throws {
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

    @Test func cutsWhoDoesNotRead() throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        // Until no more fits into what lies between.
        var sent = 0
        while sent < 400_000, client.send(get("/\(sent)")) { sent += 1 }
        #expect(eventually { running.server.statistics.cutConnections == 1 })
    }

    @Test func doesNotMindHalfOpenConnections() throws {
        // Short for those that say nothing more, and no hurry for the good one.
        var limits = ServerLimits()
        limits.header = 3_000
        let running = try RunningServer(limits: limits)
        let halves = try (0..<600).map { _ in
            let half = try running.client()
            half.send("GET / HTTP/1.1\r\nHost")
            return half
        }
        #expect(eventually { running.server.statistics.openConnections == 600 })
        let client = try running.client()
        for number in 0..<2_000 { try #require(client.ask(get("/\(number)"))?.status == 200) }
        for half in halves { #expect(half.receiveAll() == []) }
        #expect(running.server.statistics.cutConnections == 600)
        #expect(try running.ask(get("/"))?.status == 200)
    }

    /// The end of the stream comes with the request, and is not seen by itself any more.
    @Test func letsGoOfWhoHasFinishedSending() throws {
        let running = try RunningServer()
        let clients = try (0..<200).map { _ in
            let client = try running.client()
            client.send(get("/"))
            client.finishSending()
            return client
        }
        for client in clients {
            #expect(client.response()?.status == 200)
            #expect(client.receiveAll(within: 3_000) == [])
        }
        #expect(running.server.statistics.cutConnections == 0)
    }

    @Test func refusalsHaveTheirTimeToo() throws {
        let running = try RunningServer(limits: Self.limits)
        let client = try running.client()
        #expect(client.ask("GET / HTTP/1.1\r\n\r\n")?.status == 400)
        #expect(client.receiveAll() == [])
    }
}
