import SignetGateway
import SignetJOSE
import SignetKit
import Testing

/// What is recorded of a request, and what never is.
@Suite struct RecordTests {
    private static let subject = "customer-4711"
    private static let email = "zoe@shop.example"

    private static let bodies = [
        ("uk-store", #"{"subject":"customer-4711","email":"zoe@shop.example"}"#),
        ("eu-store", #"{"subject":"customer-4711","name":"Zoe Quux"}"#),
        ("us-store", #"{"subject":"customer-4711","attributes":{"package":"golden-package"}}"#),
        ("us-report", #"{"subject":"customer-4711","page":{"sessionId":"reported-sid"}}"#),
        ("us-store", #"{"subject":"customer-4711","emial":"zoe@shop.example"}"#),
        ("uk-store", #"{"subject":"customer-4711"}"#),
        ("secret-in-a-path", "{}"),
    ]

    @Test(arguments: bodies)
    func theLogHoldsNothingOfACustomer(route: String, body: String) async throws {
        let bench = try GatewayBench()
        let badge = await bench.badge(route, body)
        let signed = await bench.sign(route, body)
        var secrets = [
            Self.subject, Self.email, "Zoe", "golden-package", "reported-sid", "sid-1", "signet_storefront",
            "signet_delivering", "Bearer", "secret-in-a-path",
        ]
        secrets += [badge, signed].compactMap { try? $0.json["badge"]?["value"]?.string }
        secrets += [badge, signed].compactMap { try? $0.json["token"]?.string }
        #expect(!bench.log.text.isEmpty)
        for secret in secrets { #expect(!bench.log.text.contains(secret)) }
        let problems = [badge, signed].filter { $0.status != 200 }.map { String(decoding: $0.body, as: UTF8.self) }
        for problem in problems {
            #expect(problem.contains("\"code\""))
            for secret in secrets { #expect(!problem.contains(secret)) }
        }
        #expect(bench.log.lines.filter { $0.event == "request" }.count == 2)
    }

    @Test func aLineSaysWhoAskedForWhatAndWhatCameOfIt() async throws {
        let bench = try GatewayBench()
        let response = await bench.badge("eu-store", #"{"subject":"customer-4711"}"#)
        let line = try #require(bench.log.lines.first)
        let json = JSONValue.object(line.members)
        #expect(line.event == "request")
        #expect(line.level == .info)
        #expect(json["requestId"]?.string == response.header("X-Request-Id"))
        #expect(json["endpoint"] == "badge")
        #expect(json["status"] == 200)
        #expect(json["caller"] == "storefront")
        #expect(json["route"] == "eu-store")
        #expect(json["vendor"] == "dg")
        #expect(json["connection"] == "dg-eu")
        #expect(json["key"] == "dg-key")
        #expect(json["subjectTag"] == (try response.json["subjectTag"]))
        #expect(json["microseconds"]?.integer != nil)
    }

    @Test func aRefusalIsLoggedWithItsCode() async throws {
        let bench = try GatewayBench()
        _ = await bench.badge("eu-store", "{")
        let json = JSONValue.object(try #require(bench.log.lines.first).members)
        #expect(json["status"] == 400)
        #expect(json["code"] == "identity-malformed")
    }

    @Test func aRefusedMemberIsLoggedByItsPlaceAndNotItsValue() async throws {
        let bench = try GatewayBench()
        _ = await bench.badge("eu-store", #"{"subject":"1","attributes":{"tier":["MARKER"]}}"#)
        let json = JSONValue.object(try #require(bench.log.lines.first).members)
        #expect(json["code"] == "identity-malformed")
        #expect(json["pointer"] == "/attributes/tier")
        #expect(!bench.log.text.isEmpty && !bench.log.text.contains("MARKER"))
    }

    /// A name may be anything.
    @Test func aNameThatSomebodyMadeUpIsNotLogged() async throws {
        let bench = try GatewayBench()
        _ = await bench.badge("eu-store", #"{"subject":"1","attributes":{"ada@MARKER.example":1}}"#)
        #expect(JSONValue.object(try #require(bench.log.lines.first).members)["pointer"] == "/attributes")
        #expect(!bench.log.text.isEmpty && !bench.log.text.contains("MARKER"))
    }

    @Test(arguments: [("PATCH", "PATCH"), (String(repeating: "A", count: 25_000), "-"), ("BREW", "-")])
    func aMethodThatSomebodyMadeUpIsNotRepeated(method: String, logged: String) async throws {
        let bench = try GatewayBench()
        _ = await bench.gateway.respond(to: GatewayRequest(method: method, target: "/"))
        #expect(JSONValue.object(try #require(bench.log.lines.first).members)["method"]?.string == logged)
    }

    @Test func everySignatureIsRecordedWithWhatItIs() async throws {
        let bench = try GatewayBench()
        let response = await bench.badge("eu-store", #"{"subject":"customer-4711"}"#)
        let entry = try #require(bench.audit.entries.first)
        #expect(bench.audit.entries.count == 1)
        #expect(entry.requestID == response.header("X-Request-Id"))
        #expect(entry.caller == "storefront")
        #expect(entry.right == .badge)
        #expect(entry.route == "eu-store")
        #expect(entry.vendor == "dg")
        #expect(entry.connection == "dg-eu")
        #expect(entry.key == "dg-key")
        #expect(entry.expiresAt == entry.time.advanced(by: 900))
        #expect(entry.subjectTag == (try response.json["subjectTag"]?.string))
    }

    @Test(arguments: ["badge", "sign"])
    func whatCannotBeRecordedIsNotHandedOut(right: String) async throws {
        let bench = try GatewayBench()
        bench.audit.breakDown()
        let response = await bench.post("/v1/routes/eu-store/\(right)", #"{"subject":"1"}"#, as: "delivering")
        #expect(try response.outcome == "503 audit-unavailable")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("eyJ"))
        #expect(bench.log.lines.contains { $0.event == "audit-failed" && $0.level == .error })
    }

    /// The thread that serves the connection is not held up meanwhile.
    @Test(arguments: [("eu-store", "badge"), ("eu-store", "sign"), ("us-store", "badge")], [false, true])
    func nothingIsHandedOutBeforeASlowDiskHasIt(_ target: (route: String, right: String), isBroken: Bool) async throws {
        let disk = Gate()
        let bench = try GatewayBench(disk: disk)
        if isBroken { bench.audit.breakDown() }
        let request = bench.request(
            "POST", "/v1/routes/\(target.route)/\(target.right)", #"{"subject":"1"}"#, as: "delivering")
        guard case .pending(let pending) = bench.gateway.reply(to: request) else {
            Issue.record("answered before it was recorded")
            return
        }
        async let answer = pending.response()
        #expect(bench.audit.entries.isEmpty && bench.vendor.requests.isEmpty)
        disk.open()
        let response = await answer
        response.onEnd?(true)
        #expect(try response.outcome.hasPrefix(isBroken ? "503 audit-unavailable" : "200"))
        #expect(bench.audit.entries.count == (isBroken ? 0 : 1))
        #expect(bench.vendor.requests.isEmpty == (isBroken || target.route == "eu-store"))
        let line = JSONValue.object(try #require(bench.log.lines.last { $0.event == "request" }).members)
        #expect(line["status"] == (isBroken ? 503 : 200))
        #expect(line["connection"] == (target.route == "eu-store" ? "dg-eu" : "pega-us"))
    }

    @Test func aReloadIsSeenByTheNextRequest() async throws {
        let bench = try GatewayBench()
        #expect(await bench.badge("eu-store", #"{"subject":"1"}"#).status == 200)
        let state = bench.gateway.state
        bench.gateway.replace(
            GatewayState(
                router: state.router, callers: [],
                digestKey: try HS256Key(secret: GatewayBench.secret)))
        #expect(try await bench.badge("eu-store", #"{"subject":"1"}"#).outcome == "401 caller-unknown")
    }
}
