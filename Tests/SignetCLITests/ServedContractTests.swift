import Foundation
import SignetJOSE
import SignetTestSupport
import Testing

/// The contract's statuses and badge shapes, each from a real socket of the real binary. What vendors do to them is in Tests/Drills.
@Suite struct ServedContractTests {
    private struct Row {
        let arguments: [String]
        let outcome: String

        init(_ outcome: String, _ arguments: String...) {
            self.outcome = outcome
            self.arguments = arguments
        }
    }

    private static let json = ["-H", "Content-Type: application/json"]
    private static let shop = ["-H", "Authorization: Bearer \(RunningGateway.token)"]
    private static let slow = ["-H", "Authorization: Bearer slow-token"]
    private static let url = "http://localhost/v1/routes/shop/badge"
    private static let large = String(repeating: "x", count: 17_000)

    private static let rows: [Row] = [
        Row("400 identity-malformed", "--data", "{", url),
        Row("400 identity-malformed", "--data", #"{"subject":"1","anonymous":true}"#, url),
        Row("401 caller-unknown", "-H", "Authorization: Bearer other", "--data", "{}", url),
        Row("403 browser-not-allowed", "-H", "Origin: https://shop.example", "--data", "{}", url),
        Row("403 browser-not-allowed", "-H", "Sec-Fetch-Site: cross-site", "--data", "{}", url),
        Row("403 route-not-allowed", "--data", "{}", "http://localhost/v1/routes/hidden/badge"),
        Row("403 right-not-given", "--data", "{}", "http://localhost/v1/routes/shop/sign"),
        Row("404 route-unknown", "--data", "{}", "http://localhost/v1/routes/shop-two/badge"),
        Row("404 not-found", "--data", "{}", "http://localhost/v2/routes"),
        Row("405 method-not-allowed", "-X", "DELETE", url),
        Row("413 body-too-large", "--data", large, url),
        Row("415 media-type-not-supported", "-H", "Content-Type: text/plain", "--data", "{}", url),
        Row("422 identity-incomplete", "--data", #"{"subject":"1"}"#, "http://localhost/v1/routes/shop-chat/badge"),
    ]

    private static func configuration(_ directory: ScratchDirectory) -> String {
        let digest = Hexadecimal.encode(SHA256.digest(Array("slow-token".utf8)))
        let slow = """
            { "name": "slow", "tokenSha256": ["\(digest)"], "routes": ["shop"], "rate": { "perSecond": 1, "burst": 1 } } ]
            """
        let talkative = """
            "shop-chat": { "vendor": "talkative", "key": "talkative", "region": "eu", "widgetId": "w",
                           "fields": [ { "label": "Email", "from": "email" } ] } },
            """
        return RunningGateway.configuration(directory)
            .replacing(#""routes": ["*"], "allow": ["badge", "sign"] } ]"#, with: #""routes": ["shop*"] }, \#(slow)"#)
            .replacing(#""keys": {"#, with: #""keys": { "talkative": { "file": "keys/talkative.private.pem" },"#)
            .replacing(#""widgetId": "w" } },"#, with: #""widgetId": "w" }, \#(talkative)"#)
            .replacing(
                #"{ "shop": { "connection": "dg-eu" } }"#,
                with: """
                    { "shop": { "connection": "dg-eu" }, "shop-chat": { "connection": "shop-chat" },
                      "hidden": { "connection": "dg-eu" } }
                    """)
    }

    private static func gateway() throws -> RunningGateway {
        try RunningGateway(configuration) { directory in
            try directory.write(
                try Fixtures.bytes("config/keys/talkative.private.pem"), to: "keys/talkative.private.pem")
        }
    }

    @Test func everyRefusalIsAProblemDocument() throws {
        let gateway = try Self.gateway()
        for row in Self.rows {
            // What a row says itself comes first, and goes over what all have.
            let names = row.arguments.filter { $0.contains(": ") }.map { $0.prefix { $0 != ":" } }
            let usual = [Self.json, Self.shop].filter { usual in !names.contains { usual[1].hasPrefix($0 + ":") } }
            let answer = try gateway.ask(usual.flatMap { $0 } + row.arguments)
            let code = answer.json["code"] as? String ?? ""
            #expect("\(answer.status) \(code)" == row.outcome)
            #expect(answer.json["type"] as? String == "urn:signet:problem:\(code)", "\(row.outcome)")
            #expect(answer.json["status"] as? Int == answer.status, "\(row.outcome)")
            for member in ["title", "detail", "requestId"] {
                #expect((answer.json[member] as? String)?.isEmpty == false, "\(row.outcome): \(member)")
            }
        }
    }

    @Test func callerOverItsRateIsRefused() throws {
        let gateway = try Self.gateway()
        // One process asks often enough that a busy machine does not make up for one request a second.
        let ask = ["-i"] + Self.json + Self.slow + ["--data", #"{"anonymous":true}"#]
        let answers = try gateway.ask(ask + Array(repeating: Self.url, count: 19)).body
        #expect(answers.hasPrefix("HTTP/1.1 200 "))
        #expect(answers.contains("HTTP/1.1 429 "))
        #expect(answers.contains("Retry-After: 1\r\n"))
        #expect(answers.contains(#""code":"rate-limited""#))
    }

    @Test func badgeHasTheFormOfItsVendor() throws {
        let gateway = try Self.gateway()
        func members(_ route: String, _ body: String) throws -> [String] {
            let answer = try gateway.badge(route, body)
            #expect(answer.status == 200)
            return (answer.json["badge"] as? [String: Any] ?? [:]).keys.sorted()
        }
        let dg = ["env", "kind", "refreshInSeconds", "script", "value", "widgetId"]
        #expect(try members("shop", #"{"subject":"1"}"#) == dg)
        let talkative = ["api", "kind", "region", "script", "value", "widgetId"]
        #expect(try members("shop-chat", #"{"subject":"1","email":"e@x.example"}"#) == talkative)
        #expect(try members("shop", #"{"anonymous":true}"#) == ["env", "kind", "script", "widgetId"])
    }

    @Test(arguments: ["/v1/routes", "/.well-known/jwks.json", "/v1/keys/talkative/public.pem", "/openapi.json"])
    func everyReplyHasARequestID(path: String) throws {
        let gateway = try Self.gateway()
        let answer = try gateway.get(path, ["-i"] + Self.shop)
        #expect(answer.status == 200)
        #expect(answer.body.contains("X-Request-Id: "))
        #expect(answer.body.contains(path == "/v1/routes" ? "Cache-Control: no-store" : "Cache-Control: public"))
    }
}
