import SignetGateway
import SignetJOSE
import SignetKit
import Testing

/// Badges that a vendor has to be called for: who is called, in which order, and what comes of it.
@Suite struct DeliveredBadgeTests {
    @Test func aCustomersBadgeComesAfterBothCalls() async throws {
        let bench = try GatewayBench()
        let json = try await bench.badge("us-store", #"{"subject":"4711","attributes":{"package":"gold"}}"#).json
        let urls = bench.vendor.requests.map(\.url)
        #expect(
            urls == [
                "https://widget.use1.chat.pega.digital/4d88d63c/create",
                "https://widget.use1.chat.pega.digital/private-data",
            ])
        #expect(
            bench.vendor.requests.map(\.body) == [
                #"{"customerId":"4711"}"#, #"{"customerId":"4711","package":"gold"}"#,
            ])
        let badge = try #require(json["badge"])
        #expect(badge.members?.map(\.name) == ["kind", "value", "sessions", "widgetId", "region", "script"])
        #expect(badge["kind"] == "sessionId")
        #expect(badge["value"] == "sid-1")
        #expect(json["expiresAt"] == .null)
        #expect(bench.audit.entries.count == 1)
        #expect(bench.audit.entries.first?.key == "pega-key")
        let line = try #require(bench.log.lines.first { $0.event == "request" })
        #expect(JSONValue.object(line.members)["key"] == "pega-key")
        let count = #"signet_signing_duration_seconds_count{vendor="pega",vendor_connection="pega-us"} 2"#
        #expect(bench.metrics.text().contains(count))
        #expect(bench.audit.entries.first?.subjectTag == json["subjectTag"]?.string)
    }

    @Test(arguments: [
        // route, body, requests to the vendor, badge's kind, badge's value
        ("us-store", #"{"anonymous":true}"#, ["{}"], "sessionId", "sid-1"),
        ("us-store", #"{"anonymous":true,"page":{"defer":true}}"#, [], "sessionId", nil),
        ("us-store", #"{"subject":"1","page":{"defer":true}}"#, [], "sessionId", nil),
        ("us-store", #"{"subject":"1","sessionId":"own-1"}"#, [#"{"customerId":"1"}"#], "sessionId", "own-1"),
        ("us-store", #"{"anonymous":true,"sessionId":"own-1"}"#, [], "sessionId", "own-1"),
        ("us-report", #"{"subject":"1"}"#, [], "sessionId", nil),
        ("us-report", #"{"subject":"1","page":{"sessionId":"its-1"}}"#, [#"{"customerId":"1"}"#], "sessionId", "its-1"),
        ("us-report", #"{"subject":"1","sessionId":"own-1"}"#, [#"{"customerId":"1"}"#], "sessionId", "own-1"),
        ("us-report", #"{"anonymous":true,"page":{"sessionId":"its-1"}}"#, [], "none", nil),
    ])
    func onlyWhoHasToBeIsCalled(
        route: String, body: String, calls: [String], kind: String, value: String?
    ) async throws {
        let bench = try GatewayBench()
        let response = await bench.badge(route, body)
        #expect(response.status == 200)
        #expect(bench.vendor.requests.map(\.body) == calls)
        let badge = try response.json["badge"]
        #expect(badge?["kind"]?.string == kind)
        #expect(badge?["value"]?.string == value)
        #expect(bench.audit.entries.count == (calls.isEmpty ? 0 : 1))
    }

    @Test func aPageMayNotNameASession() async throws {
        let bench = try GatewayBench()
        let response = await bench.badge("us-store", #"{"subject":"1","page":{"sessionId":"its-1"}}"#)
        #expect(try response.outcome == "422 session-not-accepted")
        #expect(try response.json["detail"]?.string?.contains(#""sessions": "report""#) == true)
        #expect(bench.vendor.requests.isEmpty)
    }

    @Test(arguments: [
        ([ScriptedVendor.Answer.status(401, "secret body")], "502 vendor-refused"),
        ([.status(200, "garbage")], "502 vendor-answer-senseless"),
        ([.status(200, "{}")], "502 vendor-answer-senseless"),
        ([.status(302, "")], "502 vendor-refused"),
        ([.failure(.timedOut)], "504 vendor-too-slow"), ([.failure(.tooLong)], "502 vendor-answer-senseless"),
        ([.status(200, #"{"sessionId":"sid-1"}"#), .status(403, "")], "502 vendor-refused"),
        ([.status(200, #"{"sessionId":"sid-1"}"#), .failure(.timedOut)], "504 vendor-too-slow"),
    ])
    func whatTheVendorDoesIsTold(answers: [ScriptedVendor.Answer], outcome: String) async throws {
        let bench = try GatewayBench(answers: answers)
        let response = await bench.badge("us-store", #"{"subject":"1"}"#)
        #expect(try response.outcome == outcome)
        #expect(!bench.log.text.isEmpty)
        let text = String(decoding: response.body, as: UTF8.self) + bench.log.text
        #expect(!text.contains("secret body"))
        #expect(!text.contains("sid-1"))
    }

    @Test func aRefusalComesWithTheVendorsStatus() async throws {
        let bench = try GatewayBench(answers: [.status(401, "")])
        let response = await bench.badge("us-store", #"{"subject":"1"}"#)
        #expect(try response.json["detail"]?.string?.contains("401") == true)
    }

    @Test func whatIsMissingIsFoundBeforeAnybodyIsCalled() async throws {
        let bench = try GatewayBench()
        _ = await bench.badge("us-store", #"{"subject":"1","page":{"sessionId":"x"}}"#)
        #expect(bench.vendor.requests.isEmpty)
        #expect(bench.audit.entries.isEmpty)
    }

    @Test func nobodyIsCalledForWhatCannotBeRecorded() async throws {
        let bench = try GatewayBench()
        bench.audit.breakDown()
        let response = await bench.badge("us-store", #"{"subject":"1"}"#)
        #expect(try response.outcome == "503 audit-unavailable")
        #expect(bench.vendor.requests.isEmpty)
    }

    @Test func everyCircuitIsToldFromTheStart() async throws {
        let bench = try GatewayBench()
        for connection in ["pega-us", "pega-report"] {
            let sample = #"signet_vendor_circuit_state{vendor_connection="\#(connection)",state="closed"} 1"#
            #expect(bench.metrics.text().contains(sample))
        }
        #expect(!bench.metrics.text().contains(#"signet_vendor_circuit_state{vendor_connection="dg-eu""#))
        bench.gateway.replace(
            GatewayState(
                router: try Router(connections: [], routes: try RouteTable([])), callers: [],
                digestKey: try HS256Key(secret: GatewayBench.secret)))
        #expect(!bench.metrics.text().contains("signet_vendor_circuit_state{"))
    }

    @Test func withoutATransportThereIsNoBadge() async throws {
        let bench = try GatewayBench(hasTransport: false)
        #expect(try await bench.badge("us-store", #"{"subject":"1"}"#).outcome == "422 badge-not-possible")
    }

    @Test func aRequestThatIsAbandonedIsAnsweredAndRecordedOnce() async throws {
        let bench = try GatewayBench()
        let reply = bench.gateway.reply(to: bench.request("POST", "/v1/routes/us-store/badge", #"{"subject":"1"}"#))
        guard case .pending(let pending) = reply else {
            Issue.record("Pega has to be called")
            return
        }
        let abandoned = pending.abandoned(.draining)
        #expect(bench.log.lines.filter { $0.event == "request" }.isEmpty)
        abandoned.onEnd?(true)
        #expect(try abandoned.outcome == "503 draining")
        #expect(abandoned.header("Retry-After") == "1")
        let late = await pending.response()
        late.onEnd?(false)
        #expect(bench.log.lines.filter { $0.event == "request" }.count == 1)
    }
}
