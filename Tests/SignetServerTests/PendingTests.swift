import SignetJOSE
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct PendingTests {
    @Test func thousandPendingRequestsAreAnswered() throws {
        DescriptorLimit.raise()
        let running = try RunningServer()
        let clients = try (0..<1_000).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.held.count == 1_000 })
        #expect(try running.ask(get("/meanwhile"))?.status == 200)
        running.handler.held.releaseAll()
        for (number, client) in clients.enumerated() {
            #expect(client.response()?.text == "waited /wait/\(number)")
        }
    }

    @Test func pendingClientThatLeavesIsClosedAtOnce() throws {
        let running = try RunningServer()
        let clients = try (0..<100).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.held.count == 100 })
        #expect(running.server.statistics.openClients == 100)
        // Half of them only shut their sending direction down. That ends a pending request too.
        for (number, client) in clients.enumerated() {
            if number % 2 == 0 { client.finishSending() } else { client.closeNow() }
        }
        #expect(eventually { running.server.statistics.openClients == 0 })
        running.handler.held.releaseAll()
        #expect(try running.ask(get("/"))?.status == 200)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/wait/a") + get("/b") + get("/wait/c"))
        #expect(eventually { running.handler.held.count == 1 })
        #expect(running.handler.targets == ["/wait/a"])
        running.handler.held.releaseAll()
        var bytes: [UInt8] = []
        while Response.all(in: bytes).count < 3, let piece = client.receive(), !piece.isEmpty { bytes += piece }
        #expect(
            Response.all(in: bytes).map { $0.text.prefix(14) } == [
                "waited /wait/a", "GET /b [] 0 by", "waited /wait/c",
            ])
    }

    @Test func pendingHeadAndBodiesAreAnswered() throws {
        let running = try RunningServer()
        running.handler.held.releaseAll()
        let client = try running.client()
        client.send("HEAD /wait/a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.response(toHead: true)?.headers["content-length"] == "14")
        for number in 0..<500 { #expect(client.ask(post("/wait/\(number)", "body"))?.text == "waited /wait/\(number)") }
        client.send("GET /wait/z HTTP/1.0\r\nHost: x\r\n\r\n")
        #expect(client.response()?.headers["connection"] == "close")
        #expect(client.receiveAll() == [])
    }
}
