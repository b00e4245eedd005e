import Dispatch
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

/// In stage shadow the new connection is tried with every customer, and nobody notices.
@Suite struct MigrationShadowTests {
    @Test(arguments: [
        ("talkative-uk", #"{"subject":"1","email":"a@example.com"}"#, "consistent"),
        ("talkative-uk", #"{"subject":"1"}"#, "identity-incomplete"),
        ("talkative-uk", #"{"anonymous":true}"#, "consistent"),
        ("dg-unmapped", #"{"subject":"1"}"#, "identity-incomplete"), ("refused", #"{"subject":"1"}"#, "signing-failed"),
        ("failing", #"{"subject":"1"}"#, "signing-failed"), ("pega-us", #"{"subject":"1"}"#, "consistent"),
        ("pega-us", #"{"anonymous":true}"#, "consistent"), ("pega-report", #"{"subject":"1"}"#, "consistent"),
    ])
    func newConnectionGetsADryRun(to: String, body: String, result: String) async throws {
        let bench = try MigrationBench(try MigrationBench.migration(to: to, .shadow), answers: [])
        let response = await bench.badge(body)
        #expect(response.status == 200)
        #expect(try response.json["connection"] == "dg-eu")
        let count = try await bench.sample(
            "signet_migration_shadow_total", #"route="uk-move",cohort="",result="\#(result)""#)
        #expect(count == "1")
        #expect(bench.bench.vendor.requests.isEmpty)
        // One badge was handed out, one was recorded.
        #expect(bench.bench.audit.entries.count == (body.contains("subject") ? 1 : 0))
        #expect(!bench.samples.contains { $0.hasPrefix("signet_migration_errors_total") })
        let timed = try await bench.sample(
            "signet_migration_duration_seconds_count", #"route="uk-move",cohort="",side="to""#)
        #expect(timed == "1")
    }

    @Test(arguments: [
        // What Talkative gets to see of a customer, DG does not.
        (#"{"subject":"1","email":"a@example.com"}"#, "inconsistent")
    ])
    func whatReachesTheOldVendorAloneIsCounted(body: String, result: String) async throws {
        let bench = try MigrationBench(try MigrationBench.migration(from: "talkative-uk", to: "dg-eu", .shadow))
        #expect(await bench.badge(body).status == 200)
        let count = try await bench.sample(
            "signet_migration_shadow_total", #"route="uk-move",cohort="",result="\#(result)""#)
        #expect(count == "1")
    }

    @Test(arguments: [Migration.Stage.off, .live, .rampdown, .complete])
    func noOtherStageMakesDryRuns(stage: Migration.Stage) async throws {
        let bench = try MigrationBench(try MigrationBench.migration(stage, "0"))
        #expect(await bench.badge().status == 200)
        #expect(bench.bench.gateway.isDryRunning == false)
        #expect(!bench.samples.contains { $0.hasPrefix("signet_migration_shadow_total") })
    }

    /// Prepares nothing, and holds up every dry run until it is told.
    private struct Hold: Sendable {
        let isHeld = AsyncStream<Void>.makeStream()
        let mayGoOn = DispatchSemaphore(value: 0)

        func connection() throws -> VendorConnection {
            try ClosureSigner(preparing: { _, _ throws(SignetError) in
                isHeld.continuation.yield()
                _ = mayGoOn.wait(timeout: .now() + 100)
                mayGoOn.signal()
                throw SignetError(SigningFault.failed, "it was held up")
            }).connection("held", values: [.from(.subject)])
        }
    }

    /// In a process of its own: the thread that is held up is one of the few that other tests' tasks have.
    @Test func dryRunsOverTheCapacityAreSkippedAndCounted() async {
        await #expect(processExitsWith: .success) {
            let hold = Hold()
            let bench = try MigrationBench(
                try MigrationBench.migration(to: "held", .shadow), connections: [try hold.connection()])
            #expect(await bench.badge().status == 200)
            var arrivals = hold.isHeld.stream.makeAsyncIterator()
            _ = await arrivals.next()
            // One dry run is under way, as many as there is room for wait, and the rest is skipped.
            for _ in 0..<(ShadowQueue.capacity + 7) { #expect(await bench.badge().status == 200) }
            let labels = #"route="uk-move",cohort="",result="#
            #expect(
                bench.samples.filter { $0.hasPrefix("signet_migration_shadow_total") } == [
                    "signet_migration_shadow_total{\(labels)\"skipped\"} 7"
                ])
            hold.mayGoOn.signal()
            let tried = "\(1 + ShadowQueue.capacity)"
            let count = try await bench.sample(
                "signet_migration_shadow_total", "\(labels)\"signing-failed\"", until: tried)
            #expect(count == tried)
        }
    }
}
