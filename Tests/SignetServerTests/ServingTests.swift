import SignetGateway
import SignetServer
import Testing

@Suite(.onThreads) struct ServingTests {
    @Test func answersAtOnce() throws {
        let running = try RunningServer()
        let response = try #require(try running.ask(post("/v1/x?y=%00%41", "hello", "Authorization: Bearer a\r\n")))
        #expect(response.status == 200)
        #expect(response.text == "POST /v1/x?y=%00%41 [authorization=Bearer a;] 5 bytes\nhello")
        #expect(Set(response.headers.keys) == ["date", "content-length", "content-type", "x-echo"])
    }

    @Test func answersLater() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/wait/a"))
        #expect(eventually { running.handler.gate.waiters == 1 })
        #expect(try running.ask(get("/"))?.status == 200)
        running.handler.gate.open("/wait/a")
        #expect(client.response()?.text == "waited /wait/a")
        #expect(client.ask(get("/again"))?.status == 200)
    }

    @Test func answersWhatStillWaitsAtTheEnd() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(get("/never"))
        #expect(eventually { running.handler.gate.waiters == 1 })
        running.server.finish(within: 50)
        let response = client.response()
        #expect(response?.status == 503)
        #expect(response?.text == "abandoned /never")
        #expect(response?.headers["connection"] == "close")
        #expect(client.receiveAll() == [])
    }
}
