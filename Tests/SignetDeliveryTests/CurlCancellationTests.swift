import Dispatch
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

    /// What is on the wire goes to its end; what waits for a connection is taken out of the queue.
    @Test func aQueuedCallIsCancelledAndOneOnTheWireIsNot() async throws {
        let transport = try CurlTransport(maximumConnections: 1)
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while connection.request() != nil {
                _ = mayAnswer.wait(timeout: .now() + 100)
                connection.answer()
            }
        }
        let onTheWire = Task { await transport.outcome(of: vendorRequest(server.url())) }
        for await _ in server.arrivals { break }
        let queued = Task { await transport.failure(of: vendorRequest(server.url())) }
        onTheWire.cancel()
        queued.cancel()
        #expect(await queued.value == .cancelled)
        mayAnswer.signal()
        guard case .success(let answer) = await onTheWire.value else {
            Issue.record("The call on the wire was cut")
            return
        }
        #expect(answer.status == 200)
        #expect(server.accepted == 1)
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
