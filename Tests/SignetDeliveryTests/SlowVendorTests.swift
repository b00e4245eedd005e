import Dispatch
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSandbox
import Testing

/// A vendor that takes its time, over sockets: what becomes of its own calls, and that others do not notice.
@Suite(.timeLimit(.minutes(3))) struct SlowVendorTests {
    /// So long that no test comes near, however busy the machine is.
    private static let settings = DeliverySettings(
        connect: 100_000, call: 100_000, total: 100_000, attempts: 1, perConnection: 16)
    private static let calls = 40

    /// Answers when it is told to, and then at once.
    private final class SlowVendor: Sendable {
        let server: RawServer
        private let mayAnswer: DispatchSemaphore

        init() throws {
            let mayAnswer = DispatchSemaphore(value: 0)
            self.mayAnswer = mayAnswer
            server = try RawServer { connection in
                while connection.request() != nil {
                    _ = mayAnswer.wait(timeout: .now() + 90)
                    mayAnswer.signal()
                    connection.answer(body: #"{"sessionId": "s"}"#)
                }
            }
        }

        func answer() { mayAnswer.signal() }
    }

    /// The scene: 32 requests at once are all that the process can have, and 40 come for a slow vendor.
    @Test func aHealthyVendorAnswersWhileASlowOneHoldsFortyCalls() async throws {
        let client = DeliveryClient(transport: try CurlTransport(maximumTransfers: 32))
        let slow = try SlowVendor()
        let pega = SandboxPega(widgetID: TestPega.widgetID, key: try TestPega.key())
        let healthy = try RawServer(pega)
        let (slowConnection, connection) = (
            try TestPega.connection(at: slow.server.url(""), named: "slow"),
            try TestPega.connection(at: healthy.url(""))
        )
        let tasks = (1...Self.calls).map { _ in
            Task { () async throws -> Badge in
                return try await TestPega.badge(.anonymous, from: slowConnection, by: client, settings: Self.settings)
            }
        }
        // 16 are with the vendor, and the others have their answer, before it has said a word.
        var arrivals = slow.server.arrivals.makeAsyncIterator()
        for _ in 1...16 { _ = await arrivals.next() }
        #expect(client.callsInUse(by: "slow") == 16)
        for number in 1...20 {
            let badge = try await TestPega.badge(
                try TestPega.customer("customer-\(number)"), from: connection, by: client, settings: Self.settings)
            #expect(badge.value.flatMap(pega.session)?.customerID == "customer-\(number)")
        }
        #expect(slow.server.requests.count == 16)
        let refused = await Self.refusals(of: tasks, count: Self.calls - 16)
        #expect(refused.count == Self.calls - 16)
        #expect(refused.allSatisfy { $0.kind == .busy && $0.retryAfter == 1 })
        // The vendor has refused nobody.
        #expect(client.circuitState(of: "slow") == .closed)
        slow.answer()
        var answered = 0
        for task in tasks {
            if case .success = await task.result { answered += 1 }
        }
        #expect(answered == 16)
        #expect(client.circuitState(of: "slow") == .closed)
        #expect(client.callsInUse(by: "slow") == 0)
        #expect(
            try await TestPega.badge(.anonymous, from: slowConnection, by: client, settings: Self.settings).value == "s"
        )
    }

    /// The errors of the first tasks that end, which nobody has told the vendor to let go.
    private static func refusals(of tasks: [Task<Badge, any Error>], count: Int) async -> [DeliveryError] {
        let (errors, ended) = AsyncStream<DeliveryError>.makeStream()
        for task in tasks {
            Task {
                if case .failure(let error) = await task.result, let error = error as? DeliveryError {
                    ended.yield(error)
                }
            }
        }
        var found: [DeliveryError] = []
        for await error in errors {
            found.append(error)
            if found.count == count { break }
        }
        return found
    }

    /// A vendor that does not answer in time has failed: its own share tells, and the others' circuits stay as they are.
    @Test func callsThatTimeOutOpenTheSlowVendorsCircuitAlone() async throws {
        let client = DeliveryClient(transport: try CurlTransport())
        let slow = try SlowVendor()
        defer { slow.answer() }
        let slowConnection = try TestPega.connection(at: slow.server.url(""), named: "slow")
        let settings = DeliverySettings(connect: 400, call: 400, total: 100_000, attempts: 1, perConnection: 8)
        for _ in 1...CircuitBreaker.failureLimit {
            let error = await #expect(throws: DeliveryError.self) {
                try await TestPega.badge(.anonymous, from: slowConnection, by: client, settings: settings)
            }
            #expect(error?.kind == .timedOut)
        }
        #expect(client.circuitState(of: "slow") == .open)
        #expect(client.circuitState(of: "healthy") == .closed)
        #expect(client.callsInUse(by: "slow") == 0)
    }
}
