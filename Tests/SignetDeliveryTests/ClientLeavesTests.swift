import Dispatch
import SignetDelivery
import SignetIdentity
import Testing

@testable import SignetGateway

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
        let signer = try TestPega.connection(at: server.url(""))
        let settings = DeliverySettings(connect: 100_000, call: 100_000, total: 100_000)
        let run = Courier(transport: try CurlTransport()).run(connection: "pega-test", settings: settings)
        let calls = RecordedCalls(run, metrics: GatewayMetrics(version: "test")) { _ in }
        let task = Task { try await TestPega.badge(try TestPega.customer(), from: signer, by: calls) }
        var arrivals = server.arrivals.makeAsyncIterator()
        #expect(await arrivals.next()?.contains("/create") == true)
        task.cancel()
        mayAnswer.signal()
        #expect(try await task.value.value == "s")
        #expect(await arrivals.next()?.contains("/private-data") == true)
    }
}
