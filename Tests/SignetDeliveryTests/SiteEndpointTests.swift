import Foundation
import SignetGateway
import SignetJOSE
import SignetKit
import SignetTestSupport
import Testing

/// The endpoint that docs/login.md shows in Swift. The ones in Node and Python answer to the same tables, in Tests/Interop. Not under
/// sanitizers: Foundation's URLSession leaks some 70 bytes a request inside libcurl, where our own leaks would be.
@Suite(.disabled(if: Sanitizer.isActive)) struct SiteEndpointTests {
    private struct Tables: Decodable {
        struct Cookie: Decodable {
            let cookie: String?
            let customer: String?
        }
        struct Request: Decodable {
            let method: String
            let path: String
            let headers: [String: String]
            let status: Int
        }
        struct Page: Decodable {
            let page: String
            let badge: Bool
            let status: Int?
        }
        let cookies: [Cookie]
        let requests: [Request]
        let pages: [Page]
    }

    private struct Reply {
        let status: Int
        let body: Data
        var kind: String? { (try? JSONReader.value(body))?["badge"]?["kind"]?.string }

        /// Whom the badge is for.
        var customer: String? {
            guard let token = (try? JSONReader.value(body))?["badge"]?["value"]?.string,
                let payload = try? Base64URL.decode(String(token.split(separator: ".")[1])),
                case .array(let fields) = try? JSONReader.value(payload)
            else { return nil }
            return fields.first { $0["label"]?.string == "Customer ID" }?["data"]?.string
        }
    }

    private static let none = Data(#"{"badge":null}"#.utf8)
    private static let token = "signet_of-a-test"
    private let tables: Tables
    private let scratch: ScratchDirectory
    private let gateway: RawServer

    init() throws {
        tables = try JSONDecoder().decode(Tables.self, from: Data(contentsOf: Fixtures.url("site/requests.json")))
        scratch = try ScratchDirectory()
        try scratch.write(String(repeating: "11", count: 32), to: "digest")
        try scratch.write(try Fixtures.bytes("config/keys/talkative.private.pem"), to: "talkative.pem")
        let digest = Hexadecimal.encode(SHA256.digest(Array(Self.token.utf8)))
        let text = """
            {
              "callers": [{ "name": "backend", "tokenSha256": ["\(digest)"], "routes": ["*"] }],
              "digestKey": "digest",
              "keys": {
                "digest": { "file": "digest", "encoding": "hex" },
                "talkative": { "file": "talkative.pem" }
              },
              "connections": { "talkative-eu": { "vendor": "talkative", "key": "talkative" } },
              "routes": { "talkative": { "connection": "talkative-eu" } }
            }
            """
        let configuration = try Configuration.read(
            Array(text.utf8), file: scratch.path("signet.json"), plugins: .builtIn)
        gateway = try RawServer(try makeGateway(configuration, audit: nil))
    }

    private func reply(
        _ headers: [String: String], _ body: Data, method: String = "POST", path: String = "/chat"
    ) async throws -> Reply {
        let lowercase = Dictionary(uniqueKeysWithValues: headers.map { ($0.key.lowercased(), $0.value) })
        let logins: [String: (id: String, email: String?)] = [
            "7d1f-of-ada": ("12345", "ada@example.com"), "9c02-of-grace": ("12346", nil),
        ]
        let (status, body) = await chat(
            method, path, headers: lowercase, body: body, from: try #require(URL(string: gateway.url(""))),
            token: Self.token, login: { logins[$0] })
        return Reply(status: status, body: body)
    }

    private func post(cookie: String?, page: String = "{}") async throws -> Reply {
        var headers = ["Content-Type": "application/json"]
        headers["Cookie"] = cookie
        return try await reply(headers, Data(page.utf8))
    }

    @Test func theSessionDecidesWhateverOtherCookiesThereAre() async throws {
        #expect(tables.cookies.count > 100)
        for row in tables.cookies {
            let reply = try await post(cookie: row.cookie)
            #expect(reply.status == 200)
            #expect(reply.kind == (row.customer == nil ? "none" : "signedInteractionData"), "\(row)")
            #expect(reply.customer == row.customer, "\(row)")
        }
    }

    @Test func otherRequestsAreRefused() async throws {
        #expect(Set(tables.requests.map(\.status)) == [200, 403, 404, 405, 415])
        for row in tables.requests {
            let headers = row.headers.merging(["Cookie": "session=7d1f-of-ada"]) { row, _ in row }
            let reply = try await reply(headers, Data("{}".utf8), method: row.method, path: row.path)
            #expect(reply.status == row.status, "\(row)")
            if row.status == 200 {
                #expect(reply.customer == "12345", "\(row)")
            } else {
                #expect(reply.body == Self.none, "\(row)")
            }
        }
    }

    @Test func thePagePassesAsTheStringThatCameAndNeverDecides() async throws {
        for row in tables.pages {
            let reply = try await post(cookie: nil, page: row.page)
            #expect(reply.status == row.status ?? 200, "\(row)")
            #expect(reply.kind == (row.badge ? "none" : nil), "\(row)")
            guard row.status == nil else { continue }
            let request = try #require(gateway.requests.last).components(separatedBy: "\r\n\r\n")[1]
            // The order of the members is chance.
            let json = try JSONReader.value(request.utf8)
            #expect(
                json.members?.count == 2 && json["anonymous"] == true && json["page"] == .string(row.page), "\(row)")
        }
    }

    @Test func aPageThatIsNotUTF8HasNoBadge() async throws {
        let reply = try await reply(["Content-Type": "application/json"], Data([UInt8(ascii: "{"), 0xFF]))
        #expect(reply.status == 200)
        #expect(reply.body == Self.none)
        #expect(gateway.requests.isEmpty)
    }

    @Test(arguments: [200, 204, 404, 503])
    func onlyASuccessPassesUnchanged(status: Int) async throws {
        let body = #" {"badge" : {"kind":"x"},"n":1.0 }"#
        let server = try RawServer { connection in
            while connection.request() != nil { connection.answer(status, body: status == 204 ? "" : body) }
        }
        let (given, answer) = await chat(
            "POST", "/chat", headers: ["content-type": "application/json"], body: Data(),
            from: try #require(URL(string: server.url(""))), token: Self.token, login: { _ in nil })
        #expect(given == 200)
        #expect(answer == (status == 200 ? Data(body.utf8) : Self.none))
    }

    @Test func withoutAGatewayThePageGoesOn() async throws {
        let (status, answer) = await chat(
            "POST", "/chat", headers: ["content-type": "application/json"], body: Data(),
            from: try #require(URL(string: "http://127.0.0.1:1")), token: Self.token, login: { _ in nil })
        #expect(status == 200)
        #expect(answer == Self.none)
    }
}
