import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import Testing

/// A connection whose share of calls is in use: who is refused, how, and who is not.
@Suite(.timeLimit(.minutes(3))) struct BusyVendorTests {
    private static let session = #"{"sessionId":"sid-1"}"#
    private static let body = #"{"subject":"1"}"#

    @Test func whoFindsTheShareFullIsToldAtOnceAndNobodyElseIs() async throws {
        let gate = Gate()
        let bench = try GatewayBench(
            answers: [.held(gate, 200, Self.session), .held(gate, 200, Self.session), .status(200, "{}")]
                + Array(repeating: .status(200, "{}"), count: 3), perConnection: 2)
        let held = (1...2).map { _ in Task { await bench.badge("us-store", Self.body).status } }
        var arrivals = bench.vendor.arrivals.makeAsyncIterator()
        for _ in 1...2 { _ = await arrivals.next() }
        for _ in 1...9 {
            let response = await bench.badge("us-store", Self.body)
            #expect(try response.outcome == "503 vendor-busy")
            #expect(response.header("Retry-After") == "1")
            #expect(try response.json["detail"]?.string?.contains("perConnection") == true)
        }
        #expect(bench.vendor.requests.count == 2)
        #expect(bench.audit.entries.count == 2)
        #expect(bench.has(#"signet_vendor_calls_in_use{vendor_connection="pega-us"} 2"#))
        #expect(bench.has(#"signet_vendor_calls_in_use{vendor_connection="pega-report"} 0"#))
        #expect(bench.has(#"signet_vendor_busy_total{vendor_connection="pega-us"} 9"#))
        #expect(bench.has(#"signet_vendor_busy_total{vendor_connection="pega-report"} 0"#))
        #expect(bench.has(#"signet_vendor_circuit_state{vendor_connection="pega-us",state="closed"} 1"#))
        // Another account at the same vendor has a share of its own.
        #expect(await bench.badge("us-report", #"{"subject":"1","sessionId":"own-1"}"#).status == 200)
        gate.open()
        for task in held { #expect(await task.value == 200) }
        #expect(bench.has(#"signet_vendor_calls_in_use{vendor_connection="pega-us"} 0"#))
    }

    @Test(arguments: [
        ([ScriptedVendor.Answer.status(401, "")], "502 vendor-refused"),
        ([.status(200, "garbage")], "502 vendor-answer-senseless"),
        ([.status(200, session), .failure(.timedOut)], "504 vendor-too-slow"),
        ([.status(200, session), .status(200, "{}")], "200"),
    ])
    func aRequestThatHasEndedHasNoPlace(answers: [ScriptedVendor.Answer], outcome: String) async throws {
        let bench = try GatewayBench(answers: answers + ScriptedVendor.asPega, perConnection: 1)
        #expect(try await bench.badge("us-store", Self.body).outcome == outcome)
        #expect(await bench.badge("us-store", Self.body).status == 200)
    }

    @Test func whatCannotBeRecordedHasNoPlace() async throws {
        let bench = try GatewayBench(perConnection: 1)
        bench.audit.breakDown()
        for _ in 1...3 { #expect(try await bench.badge("us-store", Self.body).outcome == "503 audit-unavailable") }
    }

    /// Over the request's own time, or its client has left: the call that is out has its place to its end, and no longer.
    @Test(arguments: [PendingReply.Ending.deadline, .clientLeft, .draining])
    func whoIsNotWaitedForGivesItsPlaceBack(ending: PendingReply.Ending) async throws {
        let gate = Gate()
        let bench = try GatewayBench(
            answers: [.held(gate, 200, Self.session), .status(200, "{}")] + ScriptedVendor.asPega, perConnection: 1)
        let request = bench.request("POST", "/v1/routes/us-store/badge", Self.body)
        guard case .pending(let pending) = bench.gateway.reply(to: request) else {
            Issue.record("Pega has to be called")
            return
        }
        let task = Task { await pending.response().status }
        for await _ in bench.vendor.arrivals { break }
        _ = pending.abandoned(ending)
        task.cancel()
        #expect(try await bench.badge("us-store", Self.body).outcome == "503 vendor-busy")
        gate.open()
        _ = await task.value
        // Also while whoever asked still has the reply.
        #expect(await bench.badge("us-store", Self.body).status == 200)
        withExtendedLifetime(pending) {}
    }

    // MARK: A page's own session

    @Test(arguments: [(500, "502 vendor-refused"), (401, "502 vendor-refused")])
    func aPageThatInventsSessionsOpensNoCircuit(status: Int, outcome: String) async throws {
        let bench = try GatewayBench(answers: Array(repeating: .status(status, ""), count: 40))
        for _ in 1...3 {
            let response = await bench.badge("us-report", #"{"subject":"1","page":{"sessionId":"invented"}}"#)
            #expect(try response.outcome == outcome)
        }
        #expect(bench.has(#"signet_vendor_circuit_state{vendor_connection="pega-report",state="closed"} 1"#))
    }

    @Test func aSessionThatTheBackendKeptCounts() async throws {
        let bench = try GatewayBench(answers: Array(repeating: .status(500, ""), count: 40))
        // Its own id goes over the page's.
        let body = #"{"subject":"1","sessionId":"own-1","page":{"sessionId":"invented"}}"#
        for _ in 1...2 { _ = await bench.badge("us-report", body) }
        #expect(bench.vendor.requests.count == 5)
        #expect(try await bench.badge("us-report", body).outcome == "503 circuit-open")
    }
}

extension GatewayBench {
    /// Whether the metrics have this line.
    func has(_ line: String) -> Bool {
        metrics.text().split(separator: "\n").contains { $0 == line }
    }
}
