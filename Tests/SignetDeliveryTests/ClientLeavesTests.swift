import Dispatch
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import Testing

/// A client that leaves while its vendor is called.
@Suite struct ClientLeavesTests {
    /// A session without its identity would help nobody: once Pega's first call is on the wire, the second one follows.
    @Test func bothCallsAreMadeOnceTheFirstIsOnTheWire() async throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            while let request = connection.request() {
                let isFirst = request.contains("/create")
                if isFirst { _ = mayAnswer.wait(timeout: .now() + 100) }
                connection.answer(body: isFirst ? #"{"sessionId": "s"}"# : "{}")
            }
        }
        let connection = try TestPega.connection(at: server.url(""))
        let settings = DeliverySettings(connect: 100_000, call: 100_000, total: 100_000)
        let client = DeliveryClient(transport: try CurlTransport())
        let task = Task {
            try await TestPega.badge(try TestPega.customer(), from: connection, by: client, settings: settings)
        }
        var arrivals = server.arrivals.makeAsyncIterator()
        #expect(await arrivals.next()?.contains("/create") == true)
        task.cancel()
        mayAnswer.signal()
        #expect(try await task.value.value == "s")
        #expect(await arrivals.next()?.contains("/private-data") == true)
    }
}
