import Foundation
import SignetIdentity
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct DrainTests {
    @Test func drainAnswersBegunRequestsAndClosesIdleClients() async throws {
        let running = try RunningServer()
        let idle = try running.client()
        #expect(idle.ask(get("/"))?.headers["connection"] == nil)
        let waiting = try running.client()
        waiting.send(get("/wait/a"))
        let sending = try running.client()
        sending.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        #expect(eventually { running.handler.held.count == 1 })
        running.server.beginDrain()
        let refusal = #expect(throws: RawClient.Failure.self) { try running.client() }
        #expect(refusal?.code == ECONNREFUSED)

        async let finished: Void = running.server.finish(within: 100_000)
        #expect(idle.receiveAll() == [])
        sending.send("lo")
        #expect(sending.response()?.headers["connection"] == "close")
        running.handler.held.release("/wait/a")
        let response = try #require(waiting.response())
        #expect(response.text == "waited /wait/a")
        #expect(response.headers["connection"] == "close")
        let start = MonotonicTime.now
        await finished
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(running.server.statistics.openClients == 0)
    }

    @Test func pendingRequestsAreAbandonedAtDrainDeadline() throws {
        let running = try RunningServer()
        let clients = try (0..<200).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.held.count == 200 })
        running.server.finish(within: 100)
        for (number, client) in clients.enumerated() {
            let response = try #require(client.response())
            #expect(response.status == 503)
            #expect(response.text == "abandoned /wait/\(number)")
            #expect(response.headers["connection"] == "close")
        }
        // The late answers are dropped.
        running.handler.held.releaseAll()
    }

    @Test func finishWithoutRequestsReturnsAtOnce() throws {
        let running = try RunningServer()
        let idle = try running.client()
        #expect(idle.ask(get("/"))?.status == 200)
        let start = MonotonicTime.now
        running.server.finish(within: 100_000)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(idle.receiveAll() == [])
        running.server.finish(within: 100_000)
    }

    @Test func incompleteRequestIsClosedAtDrainDeadline() throws {
        var limits = ServerLimits.generous
        limits.lastAnswers = 100
        let running = try RunningServer(limits: limits)
        let silent = try running.client()
        silent.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        #expect(eventually { running.server.statistics.openClients == 1 })
        let start = MonotonicTime.now
        running.server.finish(within: 300)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(silent.receiveAll() == [])
    }

    /// 20 servers are stopped while six clients send requests.
    @Test func finishUnderLoadSendsNoWrongAnswer() async throws {
        for round in 0..<20 {
            let running = try RunningServer()
            let wrong = await withTaskGroup(of: Int.self) { group in
                for part in 0..<6 {
                    group.addTask {
                        var wrong = 0
                        while let client = try? running.client() {
                            guard let response = client.ask(get(part < 3 ? "/" : "/wait/\(part)")) else { break }
                            if response.status != 200 && response.status != 503 { wrong += 1 }
                        }
                        return wrong
                    }
                }
                #expect(eventually { running.handler.targets.count >= round * 10 })
                running.handler.held.release("/wait/3")
                running.server.finish(within: Int64(round))
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    /// The accepting thread waits for room then, and still has to notice the stop.
    @Test func finishAtClientLimitReturnsAtOnce() throws {
        for _ in 0..<20 {
            var limits = ServerLimits.generous
            limits.clients = 2
            let running = try RunningServer(limits: limits)
            let clients = try (0..<2).map { _ in try running.client() }
            for client in clients { #expect(client.ask(get("/"))?.status == 200) }
            let start = MonotonicTime.now
            running.server.finish(within: 100_000)
            #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
            for client in clients { #expect(client.receiveAll() == []) }
        }
    }

    @Test func lastReferenceStopsServer() throws {
        let client: RawClient
        do {
            let running = try RunningServer()
            client = try running.client()
            #expect(client.ask(get("/"))?.status == 200)
        }
        #expect(client.receiveAll() == [])
    }
}
