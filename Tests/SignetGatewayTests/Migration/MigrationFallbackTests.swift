import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetKit
import Testing

/// In stage live nobody is without a badge, however the new vendor is broken.
@Suite struct MigrationFallbackTests {
    private static let body = #"{"subject":"1","email":"a@example.com"}"#

    struct Break: Sendable, CustomTestStringConvertible {
        let to: String
        let answers: [ScriptedVendor.Answer]
        let code: String
        var testDescription: String { "\(to): \(code)" }
    }

    @Test(arguments: [
        Break(to: "failing", answers: [], code: "signing-failed"),
        Break(to: "dg-unmapped", answers: [], code: "identity-incomplete"),
        Break(to: "pega-us", answers: [.failure(.notConnected("refused"))], code: "vendor-unreachable"),
        Break(to: "pega-us", answers: [.status(401, "{}")], code: "vendor-refused"),
        Break(to: "pega-us", answers: [.status(200, "no JSON")], code: "vendor-answer-senseless"),
        Break(to: "pega-us", answers: [.failure(.timedOut)], code: "vendor-too-slow"),
        Break(to: "pega-us", answers: [.status(200, #"{"sessionId":"s"}"#), .status(403, "")], code: "vendor-refused"),
        Break(to: "pega-us", answers: [.silence], code: "fallback-after"),
        Break(to: "pega-us", answers: [.status(200, #"{"sessionId":"s"}"#), .silence], code: "fallback-after"),
    ])
    func theOldOneIsHandedOut(broken: Break) async throws {
        // What is tried again pauses longer than this, too.
        let migration = try MigrationBench.migration(
            to: broken.to, .live, fallbackAfter: broken.code == "fallback-after" ? 50 : 200_000)
        let bench = try MigrationBench(migration, answers: Array(repeating: broken.answers, count: 3).flatMap { $0 })
        defer { bench.bench.vendor.end.open() }
        let response = await bench.badge(Self.body)
        #expect(response.status == 200)
        let json = try response.json
        #expect(json["connection"] == "dg-eu")
        #expect(json["vendor"] == "dg")
        #expect(json["decision"] == ["side": "from", "reason": "fallback"])
        #expect(json["badge"]?["value"]?.string != nil)
        let assigned = bench.samples.filter { $0.hasPrefix("signet_migration_assigned_total") }
        #expect(
            assigned == [
                #"signet_migration_assigned_total{route="uk-move",cohort="",side="from",reason="fallback"} 1"#
            ])
        let errors = bench.samples.filter { $0.hasPrefix("signet_migration_errors_total") }
        #expect(
            errors == [
                #"signet_migration_errors_total{route="uk-move",cohort="",side="to",code="\#(broken.code)"} 1"#
            ])
        // What is recorded last is what was handed out.
        #expect(bench.bench.audit.entries.last?.decision == AuditEntry.Decision(side: "from", reason: "fallback"))
        #expect(bench.bench.audit.entries.last?.key == "dg-key")
        let line = try #require(bench.bench.log.lines.last { $0.event == "request" })
        let members = JSONValue.object(line.members)
        #expect(members["vendor"] == "dg")
        #expect(members["key"] == "dg-key")
        #expect(members["reason"] == "fallback")
        #expect(members["fallbackFrom"]?.string == broken.to)
        #expect(members["fallbackCode"]?.string == broken.code)
        #expect(line.level == .warning)
        let timed = try await bench.sample(
            "signet_migration_duration_seconds_count", #"route="uk-move",cohort="",side="to""#)
        #expect(timed == "1")
        #expect(
            bench.bench.metrics.text().contains(#"signet_requests_total{route="uk-move",vendor="dg",status="200"} 1"#))
    }

    @Test func whoeverIsInTimeIsHandedOut() async throws {
        let bench = try MigrationBench(try MigrationBench.migration(to: "pega-us", .live))
        let json = try await bench.badge(Self.body).json
        #expect(json["decision"] == ["side": "to", "reason": "percent"])
        #expect(json["badge"]?["value"] == "sid-1")
        #expect(bench.bench.audit.entries.map(\.decision?.reason) == ["percent"])
        #expect(!bench.samples.contains { $0.hasPrefix("signet_migration_errors_total") })
        let timed = try await bench.sample(
            "signet_migration_duration_seconds_count", #"route="uk-move",cohort="",side="to""#)
        #expect(timed == "1")
    }

    @Test func theOldVendorMayHaveToBeCalledToo() async throws {
        let migration = try MigrationBench.migration(from: "pega-us", to: "dg-unmapped", .live)
        let bench = try MigrationBench(migration)
        let json = try await bench.badge(Self.body).json
        #expect(json["badge"]?["value"] == "sid-1")
        #expect(json["decision"] == ["side": "from", "reason": "fallback"])
        let line = try #require(bench.bench.log.lines.last { $0.event == "request" })
        #expect(JSONValue.object(line.members)["key"] == "pega-key")
    }

    @Test func bothMayHaveToBeCalled() async throws {
        let migration = try MigrationBench.migration(from: "pega-us", to: "pega-eu", .live, fallbackAfter: 50)
        let bench = try MigrationBench(migration, silent: "euw1", call: 1_000)
        let json = try await bench.badge(#"{"subject":"1","sessionId":"own-1"}"#).json
        #expect(json["connection"] == "pega-us")
        #expect(json["badge"]?["value"] == "own-1")
        #expect(json["decision"] == ["side": "from", "reason": "fallback"])
    }

    @Test func whoeverHasAConversationThereIsToldThatThisIsTheOtherVendor() async throws {
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live), answers: [.status(403, "{}")])
        let json = try await bench.badge(#"{"subject":"1","page":{"ongoing":"pega-us"}}"#).json
        #expect(json["connection"] == "dg-eu")
        #expect(json["decision"] == ["side": "from", "reason": "fallback"])
    }

    @Test func aBusyNewVendorFallsBackToTheOldOne() async throws {
        let gate = Gate()
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live),
            answers: [.held(gate, 200, #"{"sessionId":"s"}"#), .status(200, "{}")] + ScriptedVendor.asPega,
            perConnection: 1)
        let held = Task { await bench.bench.badge("us-store", Self.body).status }
        for await _ in bench.bench.vendor.arrivals { break }
        let json = try await bench.badge(Self.body).json
        #expect(json["connection"] == "dg-eu")
        #expect(json["decision"] == ["side": "from", "reason": "fallback"])
        #expect(bench.bench.has(#"signet_vendor_busy_total{vendor_connection="pega-us"} 1"#))
        #expect(
            bench.samples.contains(
                #"signet_migration_errors_total{route="uk-move",cohort="",side="to",code="vendor-busy"} 1"#))
        gate.open()
        #expect(await held.value == 200)
        #expect(try await bench.badge(Self.body).json["connection"] == "pega-us")
    }

    @Test func aCallThatNobodyWaitsForHasItsPlaceToItsEnd() async throws {
        let gate = Gate()
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live, fallbackAfter: 20),
            answers: [.held(gate, 200, #"{"sessionId":"s"}"#)] + ScriptedVendor.asPega, perConnection: 1)
        #expect(try await bench.badge(Self.body).json["connection"] == "dg-eu")
        #expect(try await bench.bench.badge("us-store", Self.body).outcome == "503 vendor-busy")
        gate.open()
        let inUse = try await bench.sample(
            "signet_vendor_calls_in_use", #"vendor_connection="pega-us""#, until: "0")
        #expect(inUse == "0")
        #expect(await bench.bench.badge("us-store", Self.body).status == 200)
    }

    /// What nobody waits for still tells whether the vendor is there, and whoever comes next does not wait at all.
    @Test func aVendorThatHangsIsLeftAloneInTheEnd() async throws {
        let migration = try MigrationBench.migration(to: "pega-eu", .live, fallbackAfter: 20)
        let bench = try MigrationBench(migration, silent: "euw1", call: 200)
        for _ in 0..<CircuitBreaker.failureLimit { #expect(await bench.badge(Self.body).status == 200) }
        let open = try await bench.sample(
            "signet_vendor_circuit_state", #"vendor_connection="pega-eu",state="open""#, until: "1")
        #expect(open == "1")
        #expect(await bench.badge(Self.body).status == 200)
        let left = try await bench.sample(
            "signet_migration_errors_total", #"route="uk-move",cohort="",side="to",code="circuit-open""#)
        #expect(left == "1")
        // Only what was out came to its end: the private data was for nobody any more.
        #expect(bench.bench.vendor.requests.count == CircuitBreaker.failureLimit)
    }

    @Test func nothingIsSentForWhomNobodyWaits() async throws {
        let migration = try MigrationBench.migration(to: "pega-us", .live, fallbackAfter: 20)
        let gate = Gate()
        let bench = try MigrationBench(
            migration, answers: [.held(gate, 200, #"{"sessionId":"s"}"#), .status(200, "{}")])
        #expect(try await bench.badge(Self.body).json["connection"] == "dg-eu")
        gate.open()
        _ = try await bench.sample(
            "signet_delivery_duration_seconds_count", #"vendor_connection="pega-us",outcome="delivered""#)
        #expect(bench.bench.vendor.requests.map(\.url.last) == ["e"])
    }

    /// A client that leaves cancels the task. The new connection's calls go on to their end all the same.
    @Test(.timeLimit(.minutes(2))) func cancelledRequestIsAnsweredByTheNewConnection() async throws {
        let gate = Gate()
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live),
            answers: [.held(gate, 200, #"{"sessionId":"s"}"#), .status(200, "{}")])
        let task = Task { await bench.badge(Self.body) }
        for await _ in bench.bench.vendor.arrivals { break }
        task.cancel()
        gate.open()
        #expect(try await task.value.json["connection"] == "pega-us")
        #expect(bench.bench.vendor.requests.count == 2)
    }

    @Test func whatCannotBeRecordedIsNotHandedOutByTheOtherSideEither() async throws {
        for to in ["talkative-uk", "pega-us"] {
            let bench = try MigrationBench(try MigrationBench.migration(to: to, .live))
            bench.bench.audit.breakDown()
            let response = await bench.badge(Self.body)
            #expect(try response.outcome == "503 audit-unavailable")
        }
    }

    /// Both sides are recorded on the same disk.
    @Test(.timeLimit(.minutes(2))) func slowAuditIsNoReasonToFallBack() async throws {
        let disk = Gate()
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "talkative-uk", .live, fallbackAfter: 1), disk: disk)
        async let answer = bench.badge(Self.body)
        while disk.waiters == 0 { await Task.yield() }
        // Longer than `fallbackAfter`: another gateway, which is asked later, has fallen back meanwhile.
        let other = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live, fallbackAfter: 1), answers: [.silence])
        defer { other.bench.vendor.end.open() }
        #expect(try await other.badge(Self.body).json["decision"] == ["side": "from", "reason": "fallback"])
        disk.open()
        let json = try await answer.json
        #expect(json["connection"] == "talkative-uk")
        #expect(json["decision"] == ["side": "to", "reason": "percent"])
        #expect(bench.bench.audit.entries.map(\.connection) == ["talkative-uk"])
    }

    /// What was given up while it was recorded is not sent.
    @Test(.timeLimit(.minutes(2))) func nothingIsSentThatWasGivenUpWhileItWasRecorded() async throws {
        let disk = Gate()
        let bench = try MigrationBench(
            try MigrationBench.migration(to: "pega-us", .live, fallbackAfter: 1), disk: disk)
        async let answer = bench.badge(Self.body)
        // The new side's record waits, and after `fallbackAfter` the old one's.
        while disk.waiters < 2 { await Task.yield() }
        disk.open()
        #expect(try await answer.json["connection"] == "dg-eu")
        _ = try await bench.sample(
            "signet_delivery_duration_seconds_count", #"vendor_connection="pega-us",outcome="signing-failed""#)
        #expect(bench.bench.vendor.requests.isEmpty)
    }

    @Test func whereBothFailTheOldOnesProblemIsTold() async throws {
        let migration = try MigrationBench.migration(from: "talkative-uk", to: "dg-unmapped", .live)
        let bench = try MigrationBench(migration)
        let response = await bench.badge(#"{"subject":"1"}"#)
        #expect(try response.outcome == "422 identity-incomplete")
        #expect(try response.json["detail"]?.string?.contains("Talkative field \"Email\"") == true)
    }

    @Test(arguments: [Migration.Stage.rampdown, .complete])
    func afterLiveThereIsNoWayBackButAStepBack(stage: Migration.Stage) async throws {
        let bench = try MigrationBench(try MigrationBench.migration(to: "dg-unmapped", stage))
        #expect(try await bench.badge(Self.body).outcome == "422 identity-incomplete")
    }
}
