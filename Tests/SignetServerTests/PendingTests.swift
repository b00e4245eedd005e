import SignetJOSE
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct PendingTests {
    @Test func holdsAThousandAtOnce() throws {
        DescriptorLimit.raise()
        let running = try RunningServer()
        let clients = try (0..<1_000).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.gate.waiters == 1_000 })
        #expect(try running.ask(get("/meanwhile"))?.status == 200)
        running.handler.gate.openAll()
        for (number, client) in clients.enumerated() {
            #expect(client.response()?.text == "waited /wait/\(number)")
        }
    }

    @Test func connectionsOfClientsThatHaveLeftEndAtOnce() throws {
        let running = try RunningServer()
        let clients = try (0..<100).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.gate.waiters == 100 })
        #expect(running.server.statistics.openConnections == 100)
        // Half of them only say that they send no more; nobody waits for their answers either.
        for (number, client) in clients.enumerated() {
            if number % 2 == 0 { client.finishSending() } else { client.closeNow() }
        }
        #expect(eventually { running.server.statistics.openConnections == 0 })
        running.handler.gate.openAll()
        #expect(try running.ask(get("/"))?.status == 200)
    }

    @Test func answersInTheirOrder() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/wait/a") + get("/b") + get("/wait/c"))
        #expect(eventually { running.handler.gate.waiters == 1 })
        #expect(running.handler.targets == ["/wait/a"])
        running.handler.gate.openAll()
        var bytes: [UInt8] = []
        while Response.all(in: bytes).count < 3, let piece = client.receive(), !piece.isEmpty { bytes += piece }
        #expect(
            Response.all(in: bytes).map { $0.text.prefix(14) } == [
                "waited /wait/a", "GET /b [] 0 by", "waited /wait/c",
            ])
    }

    @Test func answersHeadAndBodiesLater() throws {
        let running = try RunningServer()
        running.handler.gate.openAll()
        let client = try running.client()
        client.send("HEAD /wait/a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.response(toHead: true)?.headers["content-length"] == "14")
        for number in 0..<500 { #expect(client.ask(post("/wait/\(number)", "body"))?.text == "waited /wait/\(number)") }
        client.send("GET /wait/z HTTP/1.0\r\nHost: x\r\n\r\n")
        #expect(client.response()?.headers["connection"] == "close")
        #expect(client.receiveAll() == [])
    }
}
