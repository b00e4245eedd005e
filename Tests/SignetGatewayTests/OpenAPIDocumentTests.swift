import Foundation
import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem
import Testing

@testable import SignetGateway

@Suite struct OpenAPIDocumentTests {
    private static let page = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/openapi.json")

    private let document: JSONValue

    init() throws {
        document = try JSONReader.value(OpenAPIDocument.bytes)
    }

    @Test func whatIsServedIsThePage() throws {
        let page = try Data(contentsOf: Self.page)
        #expect(OpenAPIDocument.bytes == Array(page), "make openapi takes the page over")
    }

    @Test func theReleaseIsTheGateways() {
        #expect(document["info"]?["version"]?.string == Gateway.version)
    }

    @Test func everyPathThatIsThereIsDescribed() throws {
        let described = try members(of: document["paths"])
        #expect(
            described.map(\.name) == [
                "/v1/routes/{route}/badge", "/v1/routes/{route}/sign", "/v1/routes", "/.well-known/jwks.json",
                "/v1/keys/{name}/public.pem", "/openapi.json",
            ])
        for path in described {
            let method = path.value["post"] == nil ? "GET" : "POST"
            let target = path.name.replacing("{route}", with: "uk-store").replacing("{name}", with: "key")
            #expect(throws: Never.self, "\(path.name)") { try Endpoint.find(target).check(method) }
        }
    }

    @Test func badgesAreDescribedWithEveryProblemThereIsAndNoOther() throws {
        let described = try problems(of: "/v1/routes/{route}/badge", "post")
        let servers = [
            "400 malformed-request", "400 tls-required", "408 request-timeout", "414 target-too-long",
            "417 expectation-failed", "431 header-too-large", "501 coding-not-supported", "503 overloaded",
            "504 request-deadline", "505 version-not-supported",
        ]
        #expect(described == Set(Self.problems.map { "\($0.status) \($0.code)" } + servers))
    }

    @Test(arguments: [
        ("/v1/routes/{route}/sign", "post"), ("/v1/routes", "get"), ("/.well-known/jwks.json", "get"),
        ("/v1/keys/{name}/public.pem", "get"), ("/openapi.json", "get"),
    ])
    func nothingElseHasAProblemThatBadgesDoNotHave(path: String, method: String) throws {
        let all = try problems(of: "/v1/routes/{route}/badge", "post")
        let described = try problems(of: path, method)
        #expect(described.isSubset(of: all))
        #expect(described.isSuperset(of: ["400 malformed-request", "405 method-not-allowed"]))
    }

    @Test func faultsOfABodyAreDescribed() throws {
        let schema = document["components"]?["schemas"]?["Problem"]?["properties"]?["errors"]?["items"]?["properties"]
        let codes = try #require(schema?["code"]?["enum"]?.array).compactMap(\.string)
        #expect(codes == IdentityFault.allCases.map(\.rawValue) + ["not-accepted"])
    }

    /// One of every problem that the gateway can come to, but for those that only a server finds.
    private static let problems: [Problem] = {
        let caller = Caller(name: "backend", tokenDigests: [], routes: [])
        let one: [Problem] = [
            .notFound, .methodNotAllowed(["POST"]), .browser, .noCaller, .routeNotAllowed(caller),
            .rightNotGiven(.sign, to: caller), .rateLimited(caller, retryAfter: 1), .bodyTooLarge, .mediaType,
            .contentEncoding("gzip"), .draining,
            Problem(SignetError("", .json, "")), Problem(SignetError(audit: "")),
        ]
        return one + SigningFault.allCases.map { Problem(SignetError($0, "")) }
            + RoutingFault.allCases.filter { $0 != .unknownRoute }.map { Problem(SignetError($0, "")) }
            + [.unknownRoute("x", among: [])]
            + DeliveryError.Kind.allCases.map { Problem(DeliveryError($0, "")) }
            + [Problem(422, "badge-not-possible", "", detail: "")]
    }()

    /// The problems that an operation's responses list, as "status code".
    private func problems(of path: String, _ method: String) throws -> Set<String> {
        var found: Set<String> = []
        for response in try members(of: document["paths"]?[path]?[method]?["responses"]) where response.name != "200" {
            let described = resolved(response.value)
            let parts = described["content"]?["application/problem+json"]?["schema"]?["allOf"]?.array
            let narrowed = try #require(parts?.last?["properties"], "\(response.name)")
            #expect(narrowed["status"]?["const"] == .number(JSONNumber(try #require(Int(response.name)))))
            let codes = try #require(narrowed["code"]?["enum"]?.array).compactMap(\.string)
            found.formUnion(codes.map { "\(response.name) \($0)" })
        }
        return found
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private func members(of value: JSONValue?) throws -> [JSONMember] {
        guard case .object(let members)? = value else {
            throw CocoaError(.coderValueNotFound)
        }
        return members
    }
}
