import Foundation
import SignetIdentity
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@Suite(.onThreads, .serialized) struct DrainTests {
    @Test func requestsInFlightAreAnsweredAndIdleConnectionsEnd() async throws {
        let running = try RunningServer()
        let idle = try running.client()
        #expect(idle.ask(get("/"))?.headers["connection"] == nil)
        let waiting = try running.client()
        waiting.send(get("/wait/a"))
        let sending = try running.client()
        sending.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        #expect(eventually { running.handler.gate.waiters == 1 })
        running.server.beginDrain()
        let refusal = #expect(throws: RawClient.Failure.self) { try running.client() }
        #expect(refusal?.code == ECONNREFUSED)

        async let finished: Void = running.server.finish(within: 100_000)
        #expect(idle.receiveAll() == [])
        sending.send("lo")
        #expect(sending.response()?.headers["connection"] == "close")
        running.handler.gate.open("/wait/a")
        let response = try #require(waiting.response())
        #expect(response.text == "waited /wait/a")
        #expect(response.headers["connection"] == "close")
        let start = MonotonicTime.now
        await finished
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(running.server.statistics.openConnections == 0)
    }

    @Test func abandonsWhatIsNotDoneInTime() throws {
        let running = try RunningServer()
        let clients = try (0..<200).map { number in
            let client = try running.client()
            client.send(get("/wait/\(number)"))
            return client
        }
        #expect(eventually { running.handler.gate.waiters == 200 })
        running.server.finish(within: 100)
        for (number, client) in clients.enumerated() {
            let response = try #require(client.response())
            #expect(response.status == 503)
            #expect(response.text == "abandoned /wait/\(number)")
            #expect(response.headers["connection"] == "close")
        }
        // The tasks that have lost answer into nothing.
        running.handler.gate.openAll()
    }

    @Test func isQuickWithNothingToDo() throws {
        let running = try RunningServer()
        let idle = try running.client()
        #expect(idle.ask(get("/"))?.status == 200)
        let start = MonotonicTime.now
        running.server.finish(within: 100_000)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(idle.receiveAll() == [])
        running.server.finish(within: 100_000)
    }

    @Test func doesNotWaitForWhoDoesNotListen() throws {
        var limits = ServerLimits()
        limits.farewell = 100
        // Not its own deadline ends it.
        limits.body = 200_000
        limits.request = 200_000
        let running = try RunningServer(limits: limits)
        let silent = try running.client()
        silent.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel")
        #expect(eventually { running.server.statistics.openConnections == 1 })
        let start = MonotonicTime.now
        running.server.finish(within: 300)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
        #expect(silent.receiveAll() == [])
    }

    /// Stopped in the middle of everything, again and again: no answer is wrong and no callback comes late.
    @Test func stopsInTheMiddleOfEverything() async throws {
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
                running.handler.gate.open("/wait/3")
                running.server.finish(within: Int64(round))
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    /// The thread that accepts waits for room then, and has to hear of the end all the same.
    @Test func stopsWithConnectionsAtTheLimit() throws {
        for _ in 0..<20 {
            var limits = ServerLimits()
            limits.connections = 2
            let running = try RunningServer(limits: limits)
            let clients = try (0..<2).map { _ in try running.client() }
            for client in clients { #expect(client.ask(get("/"))?.status == 200) }
            let start = MonotonicTime.now
            running.server.finish(within: 100_000)
            #expect(MonotonicTime.now.nanoseconds(since: start) < 50_000_000_000)
            for client in clients { #expect(client.receiveAll() == []) }
        }
    }

    @Test func stopsWithItsLastReference() throws {
        let client: RawClient
        do {
            let running = try RunningServer()
            client = try running.client()
            #expect(client.ask(get("/"))?.status == 200)
        }
        #expect(client.receiveAll() == [])
    }
}
