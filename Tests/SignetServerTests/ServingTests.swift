import SignetGateway
import SignetServer
import SignetTestSupport
import Testing

@Suite(.onThreads) struct ServingTests {
    @Test func readyReplyIsSent() throws {
        let running = try RunningServer()
        let response = try #require(try running.ask(post("/v1/x?y=%00%41", "hello", "Authorization: Bearer a\r\n")))
        #expect(response.status == 200)
        #expect(response.text == "POST /v1/x?y=%00%41 [authorization=Bearer a;] 5 bytes\nhello")
        #expect(Set(response.headers.keys) == ["date", "content-length", "content-type", "x-echo", "x-request-id"])
    }

    @Test func pendingReplyIsSent() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/wait/a"))
        #expect(eventually { running.handler.held.count == 1 })
        #expect(try running.ask(get("/"))?.status == 200)
        running.handler.held.release("/wait/a")
        #expect(client.response()?.text == "waited /wait/a")
        #expect(client.ask(get("/again"))?.status == 200)
    }

    @Test func pendingRequestIsAbandonedAtFinish() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/never"))
        #expect(eventually { running.handler.held.count == 1 })
        running.server.finish(within: 50)
        let response = client.response()
        #expect(response?.status == 503)
        #expect(response?.text == "abandoned /never")
        #expect(response?.headers["connection"] == "close")
        #expect(client.receiveAll() == [])
    }

    @Test func headAnswerHasNoBody() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = try #require(client.response(toHead: true))
        #expect(response.headers["content-length"] == "\("HEAD /a [] 0 bytes\n".utf8.count)")
        #expect(response.rest == [])
        #expect(client.ask(get("/b"))?.text == "GET /b [] 0 bytes\n")
        client.send("HEAD /a HTTP/1.1\r\n\r\n")
        #expect(client.response(toHead: true)?.status == 400)
        #expect(client.receiveAll() == [])
    }

    @Test func handlerGetsKnownFields() throws {
        let running = try RunningServer()
        let fields =
            "AUTHORIZATION:Bearer a\r\nAccept: b\r\nContent-Type: \t c \t\r\norigin: d\r\nSec-Fetch-Site:\r\n"
            + "Content-Encoding: f\r\ncontent-encoding: g\r\n"
            + "X-Forwarded-For: e\r\n"
        #expect(
            try running.ask(get("/", fields))?.text
                == "GET / [authorization=Bearer a;content-type=c;content-encoding=f, g;origin=d;sec-fetch-site=;] 0 bytes\n"
        )
    }

    @Test func clientsAndRefusalsAreCounted() throws {
        let running = try RunningServer()
        let client = try running.client()
        #expect(client.ask(get("/"))?.status == 200)
        #expect(client.ask("GET / HTTP/1.1\r\n\r\n")?.status == 400)
        #expect(client.receiveAll() == [])
        #expect(eventually { running.server.statistics.openClients == 0 })
        let statistics = running.server.statistics
        #expect(statistics.acceptedClients == 1)
        #expect(statistics.refusedRequests == 1)
        #expect(statistics.cutClients == 0)
    }
}
