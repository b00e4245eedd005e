import SignetConfiguration
import SignetGateway
import SignetJOSE
import SignetRouting
import SignetSystem
import Testing

/// Every status of the contract, with its code.
@Suite struct RefusalTests {
    private let bench: GatewayBench

    init() throws {
        bench = try GatewayBench()
    }

    @Test(arguments: [
        ("POST", "/v1/routes/uk-store/badge/", "404 not-found"), ("POST", "/v1/routes//badge", "404 not-found"),
        ("POST", "/v1//routes/uk-store/badge", "404 not-found"), ("POST", "/V1/routes/uk-store/badge", "404 not-found"),
        ("POST", "v1/routes/uk-store/badge", "404 not-found"), ("POST", "*", "404 not-found"),
        ("POST", "/v1/routes/uk-store/other", "404 not-found"), ("GET", "/", "404 not-found"),
        ("GET", "", "404 not-found"),
        ("GET", "/metrics", "404 not-found"), ("GET", "/health/ready", "404 not-found"),
        ("GET", "/v1/routes/", "404 not-found"), ("GET", "/.well-known/jwks.json%00x", "404 not-found"),
        ("GET", "/v1/routes/uk%2Dstore/badge", "405 method-not-allowed"),
        ("GET", "/v1/routes/uk-store/badge", "405 method-not-allowed"),
        ("PUT", "/v1/routes/uk-store/sign", "405 method-not-allowed"), ("POST", "/v1/routes", "405 method-not-allowed"),
        ("DELETE", "/.well-known/jwks.json", "405 method-not-allowed"),
        ("POST", "/v1/keys/talkative-key/public.pem", "405 method-not-allowed"),
        ("OPTIONS", "/v1/routes/uk-store/badge", "405 method-not-allowed"),
        ("GET", "/v1/keys/dg-key/public.pem", "404 not-found"), ("GET", "/v1/keys/none/public.pem", "404 not-found"),
    ])
    func pathsAndMethods(method: String, target: String, outcome: String) async throws {
        let response = await bench.gateway.respond(to: bench.request(method, target))
        #expect(try response.outcome == outcome)
    }

    @Test(arguments: [
        ("/v1/routes/uk-store/badge", "POST"), ("/v1/routes", "GET, HEAD"), ("/openapi.json", "GET, HEAD"),
    ])
    func otherMethodsAreNamed(target: String, methods: String) async {
        let response = await bench.gateway.respond(to: bench.request("PATCH", target))
        #expect(response.status == 405)
        #expect(response.header("Allow") == methods)
    }

    @Test(arguments: [
        ("Origin", "https://shop.example"), ("origin", "null"), ("Sec-Fetch-Site", "same-origin"),
        ("SEC-FETCH-SITE", ""),
    ])
    func browsersAreRefused(name: String, value: String) async throws {
        let response = await bench.post(
            "/v1/routes/uk-store/badge", #"{"anonymous":true}"#, headers: [(name, value)])
        #expect(try response.outcome == "403 browser-not-allowed")
        let list = await bench.gateway.respond(to: bench.request("GET", "/v1/routes", headers: [(name, value)]))
        #expect(try list.outcome == "403 browser-not-allowed")
        #expect(response.headers.allSatisfy { !$0.name.lowercased().hasPrefix("access-control") })
    }

    @Test(arguments: [
        [], ["Basic c2lnbmV0Og=="], ["Bearer"], ["Bearer "], ["Bearer signet_unknown"], ["signet_storefront"],
        ["Bearer signet_storefront2"], ["Bearer signet_storefron"], ["Bearer SIGNET_STOREFRONT"],
        ["Bearer signet_storefront signet_storefront"], ["Bearer signet_storefront", "Bearer signet_storefront"],
        ["Bearersignet_storefront"], ["Bearer \u{0}signet_storefront"],
    ])
    func callersAreKnownByTheirTokenAlone(fields: [String]) async throws {
        let request = bench.request(
            "POST", "/v1/routes/uk-store/badge", #"{"anonymous":true}"#, as: nil,
            headers: fields.map { ("Authorization", $0) })
        let response = await bench.gateway.respond(to: request)
        #expect(try response.outcome == "401 caller-unknown")
        #expect(response.header("WWW-Authenticate") == "Bearer realm=\"signet\"")
    }

    @Test(arguments: ["Bearer signet_storefront", "bearer signet_storefront", "BEARER  signet_storefront"])
    func theSchemeMayBeWrittenInAnyCase(field: String) async {
        let request = bench.request("GET", "/v1/routes", as: nil, headers: [("authorization", field)])
        #expect(await bench.gateway.respond(to: request).status == 200)
    }

    @Test(arguments: [
        ("internal", "badge", "storefront", "403 route-not-allowed"),
        ("nowhere", "badge", "storefront", "403 route-not-allowed"),
        ("none", "badge", "storefront", "404 route-unknown"),
        ("uk-nothing", "badge", "storefront", "404 route-unknown"),
        ("uk-store", "sign", "storefront", "403 right-not-given"), ("none", "sign", "delivering", "404 route-unknown"),
        ("uk-%2e", "badge", "storefront", "404 route-unknown"),
    ])
    func routesAndRights(route: String, right: String, caller: String, outcome: String) async throws {
        let response = await bench.post("/v1/routes/\(route)/\(right)", #"{"anonymous":true}"#, as: caller)
        #expect(try response.outcome == outcome)
    }

    @Test func onlyRoutesThatTheCallerMayUseAreNamed() async throws {
        // Its only route is eu-store; its pattern covers one that is not there.
        let state = bench.gateway.state
        bench.gateway.replace(
            GatewayState(
                router: state.router,
                callers: [
                    Caller(
                        name: "narrow", tokenDigests: [SHA256.digest(Array("signet_storefront".utf8))],
                        routes: ["eu-*"])
                ], digestKey: try HS256Key(secret: GatewayBench.secret)))
        let response = await bench.badge("eu-stroe", #"{"anonymous":true}"#)
        #expect(try response.outcome == "404 route-unknown")
        let detail = try #require(try response.json["detail"]?.string)
        #expect(detail.contains("eu-store"))
        for other in ["uk-store", "us-store", "support", "internal"] { #expect(!detail.contains(other)) }
    }

    @Test(arguments: ["GET", "OPTIONS", "POST"])
    func aBrowserIsToldSoWhateverItsMethod(method: String) async throws {
        let request = bench.request(method, "/v1/routes/eu-store/badge", headers: [("Origin", "https://shop.example")])
        #expect(try await bench.gateway.respond(to: request).outcome == "403 browser-not-allowed")
    }

    @Test(arguments: [
        [], ["text/plain"], ["application/x-www-form-urlencoded"], ["application/json", "application/json"],
        ["application/jsonx"], ["application/json; charset=latin1"],
        ["application/json; charset=utf-16"], ["application/json; charset=\"utf-8"], ["application/json; charset="],
        ["application/json; charset='utf-8'"], ["application/json; charset=utf-8; charset=latin1"],
        ["application/problem+json"], [""],
    ])
    func onlyDeclaredJSONIsRead(types: [String]) async throws {
        var request = bench.request("POST", "/v1/routes/uk-store/badge", #"{"anonymous":true}"#)
        // As a list of fields comes out (RFC 9110 §5.3).
        request.contentType = types.isEmpty ? nil : types.joined(separator: ", ")
        #expect(try await bench.gateway.respond(to: request).outcome == "415 media-type-not-supported")
    }

    @Test(arguments: [
        "application/json", "Application/JSON; charset=utf-8", "application/json ;charset=\"UTF-8\"",
        "application/json;charset=utf8", "application/json; CHARSET=\"Utf8\"",
    ])
    func jsonMayBeDeclaredInEveryUsualWay(type: String) async {
        let request = bench.request(
            "POST", "/v1/routes/eu-store/badge", #"{"anonymous":true}"#, headers: [("content-type", type)])
        #expect(await bench.gateway.respond(to: request).status == 200)
    }

    @Test(arguments: [
        (["gzip"], "gzip"), (["br"], "br"), (["GZIP"], "GZIP"), (["x-gzip"], "x-gzip"),
        (["identity, deflate"], "deflate"),
        (["identity", "zstd"], "zstd"), (["a b"], "the encoding"), (["\u{9B}"], "the encoding"),
    ])
    func anEncodedBodyIsRefusedByName(codings: [String], name: String) async throws {
        let response = await bench.post(
            "/v1/routes/eu-store/badge", #"{"anonymous":true}"#, headers: codings.map { ("Content-Encoding", $0) })
        #expect(try response.outcome == "415 content-encoding-not-supported")
        #expect(response.header("Accept-Encoding") == "identity")
        #expect(try response.json["detail"]?.string?.contains(name) == true)
    }

    @Test(arguments: ["identity", "Identity", "", "identity, identity"])
    func aBodyThatIsNotEncodedMaySaySo(coding: String) async {
        let response = await bench.post(
            "/v1/routes/eu-store/badge", #"{"anonymous":true}"#, headers: [("content-encoding", coding)])
        #expect(response.status == 200)
    }

    @Test func bodiesAreReadUpToSixteenKibibytes() async throws {
        let name = String(repeating: "n", count: 16_384 - #"{"subject":"1","name":""}"#.utf8.count)
        let fitting = #"{"subject":"1","name":"\#(name)"}"#
        #expect(await bench.badge("eu-store", fitting).status == 200)
        #expect(try await bench.badge("eu-store", fitting + " ").outcome == "413 body-too-large")
    }

    @Test(arguments: [
        ("", "", "json"), ("{", "", "json"), ("[]", "", "type"), ("null", "", "type"), ("{}", "/subject", "missing"),
        (#"{"subject":"1","subject":"2"}"#, "", "json"), (#"{"subject":"1"} x"#, "", "json"),
        (#"{"subject":"1","anonymous":true}"#, "/subject", "conflict"),
        (#"{"subject":""}"#, "/subject", "empty"), (#"{"subject":1}"#, "/subject", "type"),
        (#"{"subject":"1","emial":"x"}"#, "/emial", "unknown"), (#"{"anonymous":false}"#, "/subject", "missing"),
        (#"{"subject":"1","page":{"subject":"2"}}"#, "/page", "unknown"),
        (#"{"subject":"1","sessionId":"a b"}"#, "/sessionId", "session-id"),
        (#"{"subject":"1","attributes":{"a":{"b":"c"}}}"#, "/attributes/a", "type"),
        (#"{"subject":"a\u0000"}"#, "/subject", "control-character"), (#"{"subject":null}"#, "/subject", "type"),
        (#"{"subject":"1","emial":null}"#, "/emial", "unknown"),
    ])
    func bodiesAreStrict(body: String, pointer: String, code: String) async throws {
        let response = await bench.badge("eu-store", body)
        #expect(try response.outcome == "400 identity-malformed")
        #expect(try response.json["errors"]?.array == [["pointer": .string(pointer), "code": .string(code)]])
    }

    private static let hostile = "x\u{9B}\u{7F}\u{202E}\u{200B}\u{2028}\u{E0041}"

    @Test(arguments: [
        (#"{"subject":"1","\#(hostile)":1}"#, "/\(hostile)", "unknown"),
        (#"{"subject":"1","context":{"\#(hostile)":1}}"#, "/context/\(hostile)", "type"),
        (#"{"subject":"1","attributes":{"\#(hostile)":1}}"#, "/attributes/\(hostile)", "type"),
    ])
    func aProblemShowsWhatItRepeats(body: String, pointer: String, code: String) async throws {
        let response = await bench.badge("eu-store", body)
        #expect(try response.outcome == "400 identity-malformed")
        #expect(try response.json["errors"]?.array == [["pointer": .string(pointer), "code": .string(code)]])
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.contains(#"x\u009b\u007f\u202e\u200b\u2028\udb40\udc41"#))
        #expect(!text.unicodeScalars.contains { $0.isInvisible })
    }

    /// 64 bytes, as the longest of our own names may have, and no name that a page sent.
    @Test(arguments: [
        (#"{"subject":"1","NAME":1}"#, "unknown", "", 64),
        (#"{"subject":"1","context":{"NAME":1}}"#, "type", "/context", 64),
        (#"{"subject":"1","attributes":{"NAME":1}}"#, "type", "/attributes", 64),
        (#"{"subject":"1","page":{"NAME":1}}"#, "unknown", "/page", 0),
    ])
    func aProblemRepeatsNoLongNameAndNoneOfThePage(body: String, code: String, object: String, longest: Int)
        async throws
    {
        for (name, isRepeated) in [
            ("m", longest > 0), (String(repeating: "m", count: 64), longest > 0),
            (String(repeating: "m", count: 65), false),
            (String(repeating: "é", count: 33), false), (String(repeating: "m", count: 15_000), false),
        ] {
            let response = await bench.badge("eu-store", body.replacing("NAME", with: name))
            #expect(try response.outcome == "400 identity-malformed")
            let pointer = isRepeated ? "\(object)/\(name)" : object
            #expect(try response.json["errors"]?.array == [["pointer": .string(pointer), "code": .string(code)]])
            #expect(String(decoding: response.body, as: UTF8.self).contains("\"\(object)/\(name)\"") == isRepeated)
            #expect(response.body.count < 700)
        }
    }

    /// What a wrong name costs in processor time, beside a right one, where there are many routes.
    @Test func aWrongRouteCostsNoMoreThanARightOne() throws {
        let routes = (0..<5_000).map { Route("shop-\($0)", .connection("dg-eu")) }
        let bench = try GatewayBench(routes: routes)
        bench.gateway.replace(
            GatewayState(
                router: bench.gateway.state.router,
                callers: [
                    Caller(
                        name: "all", tokenDigests: [SHA256.digest(Array("signet_storefront".utf8))], routes: ["*"])
                ], digestKey: try HS256Key(secret: GatewayBench.secret)))
        func cost(_ route: String, _ outcome: String) throws -> UInt64 {
            let request = bench.request("POST", "/v1/routes/\(route)/badge", #"{"subject":"1"}"#)
            return try (0..<20).map { _ -> UInt64 in
                let start = Self.processorTime()
                let reply = bench.gateway.reply(to: request)
                let end = Self.processorTime()
                guard case .ready(let response) = reply else { return .max }
                let found = try response.outcome
                #expect(found == outcome)
                return end - start
            }.min() ?? 0
        }
        let right = try cost("shop-4999", "200")
        let wrong = try cost("shop-499x", "404 route-unknown")
        #expect(wrong < 5 * right, "\(wrong) ns instead of \(right) ns")
    }

    /// Of this thread, in nanoseconds: what else the machine does costs nothing here.
    private static func processorTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    @Test func whatTheVendorNeedsIsNamed() async throws {
        let response = await bench.badge("uk-store", #"{"subject":"1"}"#)
        #expect(try response.outcome == "422 identity-incomplete")
        #expect(try response.json["errors"]?.array == [["pointer": "/email", "code": "missing"]])
        #expect(try response.json["detail"]?.string?.contains(#"Talkative field "Email" needs email"#) == true)
    }

    @Test func whatFitsNoTokenIsSaid() async throws {
        let long = String(repeating: "e", count: 15_000)
        let response = await bench.badge("uk-store", #"{"subject":"1","email":"\#(long)"}"#)
        #expect(try response.outcome == "422 token-too-large")
    }

    @Test func aCallerOverItsRateIsToldWhenToAskAgain() async throws {
        var response = await bench.badge("eu-store", #"{"subject":"1"}"#, as: "slow")
        #expect(response.status == 200)
        // A machine that is busy for a second gives one more: how many exactly is what TokenBucketTests are about.
        for _ in 1...100 where response.status == 200 {
            response = await bench.badge("eu-store", #"{"subject":"1"}"#, as: "slow")
        }
        #expect(try response.outcome == "429 rate-limited")
        #expect(response.header("Retry-After") == "1")
        #expect(await bench.badge("eu-store", #"{"subject":"1"}"#, as: "storefront").status == 200)
    }

    @Test func everyRefusalIsAProblemThatAPersonCanActOn() async throws {
        let response = await bench.badge("eu-store", "{")
        let json = try response.json
        #expect(json["type"] == "urn:signet:problem:identity-malformed")
        #expect(json["status"] == 400)
        #expect(json["title"]?.string?.isEmpty == false)
        #expect(json["detail"]?.string?.isEmpty == false)
        #expect(json["requestId"]?.string == response.header("X-Request-Id"))
        #expect(response.header("Content-Type") == "application/problem+json")
        #expect(response.header("Cache-Control") == "no-store")
    }
}
