import Dispatch
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import Testing

/// Nothing is waited for that nobody wants any more.
@Suite struct CurlCancellationTests {
    private func silentServer() throws -> RawServer {
        try RawServer { connection in
            connection.request()
            connection.waitUntilClosed()
        }
    }

    /// What is on the wire goes to its end; what has no connection yet is given up at once.
    @Test func aCallThatIsNotSentIsCancelledAndOneOnTheWireIsNot() async throws {
        let transport = try CurlTransport()
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while connection.request() != nil {
                _ = mayAnswer.wait(timeout: .now() + 100)
                connection.answer()
            }
        }
        let onTheWire = Task { await transport.outcome(of: vendorRequest(server.url())) }
        for await _ in server.arrivals { break }
        // Waits for a TLS handshake that does not come.
        let silent = try RawServer { $0.waitUntilClosed() }
        let unsent = Task { await transport.failure(of: vendorRequest("https://127.0.0.1:\(silent.port)/")) }
        onTheWire.cancel()
        unsent.cancel()
        #expect(await unsent.value == .cancelled)
        mayAnswer.signal()
        guard case .success(let answer) = await onTheWire.value else {
            Issue.record("The call on the wire was cut")
            return
        }
        #expect(answer.status == 200)
        #expect(server.accepted == 1)
    }

    /// Over the limit nobody waits: the time of a request would run, and the vendor would have to answer for it.
    @Test func aCallOverTheLimitIsRefusedAtOnce() async throws {
        let transport = try CurlTransport(maximumTransfers: 2)
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while connection.request() != nil {
                _ = mayAnswer.wait(timeout: .now() + 60)
                connection.answer()
            }
        }
        let held = (1...2).map { _ in Task { await transport.failure(of: vendorRequest(server.url())) } }
        var arrivals = server.arrivals.makeAsyncIterator()
        for _ in 1...2 { _ = await arrivals.next() }
        for _ in 1...5 { #expect(await transport.failure(of: vendorRequest(server.url())) == .busy) }
        #expect(server.requests.count == 2)
        for _ in 1...3 { mayAnswer.signal() }
        for task in held { #expect(await task.value == nil) }
        #expect(await transport.failure(of: vendorRequest(server.url())) == nil)
    }

    @Test func aTaskThatWasCancelledBeforeSendsNothing() async throws {
        let transport = try CurlTransport()
        let server = try silentServer()
        // Often, since the mark of cancellation and the request reach the loop's thread apart.
        for _ in 1...200 {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await transport.failure(of: vendorRequest(server.url()))
            }
            #expect(await task.value == .cancelled)
        }
        #expect(server.accepted == 0)
    }

    @Test func cancellationInAnyMoment() async throws {
        let transport = try CurlTransport()
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer() }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...200 {
                let task = Task { await transport.outcome(of: vendorRequest(server.url())) }
                group.addTask { task.cancel() }
                group.addTask {
                    if case .failure(let error) = await task.value { #expect(error == .cancelled) }
                }
            }
        }
        #expect(await transport.failure(of: vendorRequest(server.url())) == nil)
    }

    @Test func closingEndsWhatIsUnderWay() async throws {
        let transport = try CurlTransport()
        let server = try silentServer()
        let tasks = (1...8).map { _ in Task { await transport.failure(of: vendorRequest(server.url())) } }
        var arrivals = server.arrivals.makeAsyncIterator()
        for _ in 1...8 { _ = await arrivals.next() }
        transport.close()
        for task in tasks { #expect(await task.value == .cancelled) }
        #expect(await transport.failure(of: vendorRequest(server.url())) == .cancelled)
        transport.close()
    }

    @Test func transportsComeAndGo() async throws {
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer() }
        }
        for _ in 1...50 {
            let transport = try CurlTransport()
            #expect(await transport.failure(of: vendorRequest(server.url())) == nil)
        }
    }
}
