import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Refused bodies, each with the member and the fault. The error contains none of the body's values.
@Suite struct RefusedRequestTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let json: String
        let pointer: String
        let kind: IdentityFault
        let hint: String?

        init(_ json: String, _ pointer: String, _ kind: IdentityFault, hint: String? = nil) {
            self.json = json
            self.pointer = pointer
            self.kind = kind
            self.hint = hint
        }

        var testDescription: String { String(json.prefix(80)) }
    }

    private static let pageNames = "valid: defer, ongoing, sessionId"
    private static let noIdentity =
        #"send the customer's "subject", or "anonymous": true for an anonymous visitor"#

    static let refusals: [Refusal] = [
        // The body as a whole.
        .init(#"["marker"]"#, "", .type),
        .init(#""marker""#, "", .type),
        .init("null", "", .type),
        .init("{}", "/subject", .missing, hint: noIdentity),
        .init(#"{"email": "marker"}"#, "/subject", .missing, hint: noIdentity),
        .init(#"{"anonymous": false}"#, "/subject", .missing, hint: noIdentity),
        // Names.
        .init(#"{"subjct": "marker"}"#, "/subjct", .unknown, hint: #"did you mean "subject"?"#),
        .init(#"{"Subject": "marker"}"#, "/Subject", .unknown, hint: #"did you mean "subject"?"#),
        .init(#"{"subject": "marker", "e-mail": "marker"}"#, "/e-mail", .unknown, hint: #"did you mean "email"?"#),
        .init(
            #"{"subject": "marker", "page": {"session": 1}}"#, "/page", .unknown,
            hint: #"did you mean "sessionId"?"#),
        .init(
            #"{"subject": "marker", "page": {"sesionId": 1}}"#, "/page", .unknown,
            hint: #"did you mean "sessionId"?"#),
        .init(
            #"{"subject": "marker", "page": {"subject": "marker"}}"#, "/page", .unknown,
            hint: pageNames),
        .init(#"{"a/b~c": "marker"}"#, "/a~1b~0c", .unknown, hint: allNames),
        .init("{\"a/\u{301}~\u{301}\": \"marker\"}", "/a~1\u{301}~0\u{301}", .unknown, hint: allNames),
        // Types.
        .init(#"{"subject": 4711}"#, "/subject", .type),
        .init(#"{"subject": null}"#, "/subject", .type),
        .init(#"{"subject": ["marker"]}"#, "/subject", .type),
        .init(#"{"subject": "marker", "email": true}"#, "/email", .type),
        .init(#"{"subject": "marker", "name": {}}"#, "/name", .type),
        .init(#"{"subject": "marker", "phone": 44}"#, "/phone", .type),
        .init(#"{"anonymous": "true"}"#, "/anonymous", .type),
        .init(#"{"anonymous": 1}"#, "/anonymous", .type),
        .init(#"{"subject": null, "anonymous": null}"#, "/subject", .type),
        .init(#"{"subject": null, "anonymous": false}"#, "/subject", .type),
        .init(#"{"anonymous": null}"#, "/subject", .missing, hint: noIdentity),
        .init(#"{"subject": "marker", "mail": null}"#, "/mail", .unknown, hint: #"did you mean "email"?"#),
        .init(
            #"{"subject": "marker", "page": {"subject": null}}"#, "/page", .unknown,
            hint: "valid: defer, ongoing, sessionId"),
        .init(#"{"subject": "marker", "attributes": {"a": [null]}}"#, "/attributes/a", .type),
        .init(#"{"subject": "c", "attributes": {"marker name": null}}"#, "/attributes", .attributeName),
        .init(#"{"subject": "c", "context": {"\u00e9": null, "e\u0301": "marker"}}"#, "/context", .conflict),
        .init(#"{"subject": "marker", "attributes": []}"#, "/attributes", .type),
        .init(#"{"subject": "marker", "attributes": {"a": 1}}"#, "/attributes/a", .type),
        .init(#"{"subject": "marker", "attributes": {"a": {"b": "marker"}}}"#, "/attributes/a", .type),
        .init(#"{"subject": "marker", "context": "marker"}"#, "/context", .type),
        .init(#"{"subject": "marker", "context": {"a/b": ["marker"]}}"#, "/context/a~1b", .type),
        .init(#"{"subject": "marker", "visitorId": 1}"#, "/visitorId", .type),
        .init(#"{"subject": "marker", "sessionId": 1}"#, "/sessionId", .type),
        .init(#"{"subject": "marker", "page": "marker"}"#, "/page", .json),
        .init(#"{"subject": "marker", "page": "[]"}"#, "/page", .type),
        .init(#"{"subject": "marker", "page": "\"{}\""}"#, "/page", .type),
        .init(#"{"subject": "marker", "page": " "}"#, "/page", .json),
        .init(#"{"subject": "marker", "page": "{},\"subject\":\"marker\""}"#, "/page", .json),
        .init(
            #"{"subject": "marker", "page": "{\"subject\":\"marker\"}"}"#, "/page", .unknown,
            hint: "valid: defer, ongoing, sessionId"),
        .init(#"{"subject": "marker", "page": "{\"defer\":true,\"defer\":false}"}"#, "/page", .json),
        .init(#"{"subject": "marker", "page": "{\"defer\":1}"}"#, "/page/defer", .type),
        .init(
            "{\"subject\": \"marker\", \"page\": \"{\\\"ongoing\\\":\\\"\(String(repeating: "x", count: 4083))\\\"}\"}",
            "/page",
            .tooLong),
        .init(#"{"subject": "marker", "page": {"defer": "marker"}}"#, "/page/defer", .type),
        .init(#"{"subject": "marker", "page": {"ongoing": true}}"#, "/page/ongoing", .type),
        .init(#"{"subject": "marker", "page": {"sessionId": 1}}"#, "/page/sessionId", .type),
        // Anonymous visitors.
        .init(#"{"anonymous": true, "subject": "marker"}"#, "/subject", .conflict),
        .init(#"{"anonymous": true, "subject": ""}"#, "/subject", .conflict),
        .init(#"{"anonymous": true, "email": "marker"}"#, "/email", .conflict),
        .init(#"{"anonymous": true, "name": "marker"}"#, "/name", .conflict),
        .init(#"{"anonymous": true, "phone": "marker"}"#, "/phone", .conflict),
        .init(#"{"anonymous": true, "attributes": {}}"#, "/attributes", .conflict),
        // Values.
        .init(#"{"subject": ""}"#, "/subject", .empty, hint: #"for an anonymous visitor, send "anonymous": true"#),
        .init(#"{"subject": "marker\#(String(repeating: "x", count: 251))"}"#, "/subject", .tooLong),
        .init(#"{"subject": "marker\u0000"}"#, "/subject", .controlCharacter),
        .init(#"{"subject": "marker\u007f"}"#, "/subject", .controlCharacter),
        .init(#"{"subject": "marker\u0085"}"#, "/subject", .controlCharacter),
        .init(#"{"subject": "c", "email": "marker\r\n"}"#, "/email", .controlCharacter),
        .init(#"{"subject": "c", "name": "marker\n"}"#, "/name", .controlCharacter),
        .init(#"{"subject": "c", "phone": "\t marker"}"#, "/phone", .controlCharacter),
        .init(#"{"subject": "c", "attributes": {"a": "marker\u0000"}}"#, "/attributes/a", .controlCharacter),
        .init(#"{"subject": "c", "attributes": {"marker name": "marker"}}"#, "/attributes", .attributeName),
        .init(#"{"subject": "c", "attributes": {"": "marker"}}"#, "/attributes", .attributeName),
        .init(#"{"subject": "c", "sessionId": "marker marker"}"#, "/sessionId", .sessionID),
        .init(#"{"subject": "c", "page": {"sessionId": "marker/.."}}"#, "/page/sessionId", .sessionID),
        .init(#"{"subject": "c", "context": {"\u00e9": "marker", "e\u0301": "marker"}}"#, "/context", .conflict),
    ]

    private static let allNames =
        "valid: subject, email, name, phone, attributes, anonymous, context, visitorId, sessionId, page"

    @Test(arguments: refusals)
    func refusedRequestNamesMemberAndFault(refusal: Refusal) throws {
        let error = try #require(throws: SignetError.self) { try SigningRequest(json: Array(refusal.json.utf8)) }
        #expect(error.pointer?.hasSameBytes(as: refusal.pointer) == true)
        #expect(error.memberFault == refusal.kind.rawValue)
        #expect(error.hint == refusal.hint)
        #expect(error.code == "identity-malformed")
        #expect(!error.reason.isEmpty)
        for text in texts(of: error) + [error.reason, error.hint ?? "", error.description, error.code] {
            #expect(!text.contains("marker"))
        }
    }

    static let notStrict: [(json: [UInt8], fault: String)] = [
        (Array("".utf8), "ends where a value is expected"),
        (Array(#"{"subject": "marker""#.utf8), "the object is not closed"),
        (Array(#"{"subject": "marker",}"#.utf8), "there is a comma before the end of the object"),
        (Array(#"{"subject": "marker"} {}"#.utf8), "something follows the end of the value"),
        (Array(#"{"subject": "marker"} // c"#.utf8), "something follows the end of the value"),
        (Array(#"{'subject': 'marker'}"#.utf8), "a member name in double quotes is expected here"),
        (Array(#"{"subject": "marker", "subject": "marker"}"#.utf8), "a member occurs twice in its object"),
        (Array(#"{"subject": "c", "s\u0075bject": "marker"}"#.utf8), "a member occurs twice in its object"),
        (
            Array(#"{"subject": "c", "attributes": {"a": "marker", "a": "marker"}}"#.utf8),
            "a member occurs twice in its object"
        ),
        (
            Array(#"{"subject": "c", "page": {"defer": true, "defer": false}}"#.utf8),
            "a member occurs twice in its object"
        ),
        (Array(#"{"subject": "marker\ud800"}"#.utf8), "an escape names half of a surrogate pair"),
        (Array(#"{"subject": "marker\udc00\ud800"}"#.utf8), "an escape names half of a surrogate pair"),
        (Array("{\"subject\": \"marker\u{0}\"}".utf8), "a string contains a control character"),
        (Array("{\"subject\": \"marker\n\"}".utf8), "a string contains a control character"),
        (Array(#"{"subject": "marker"#.utf8) + [0xFF] + Array(#""}"#.utf8), "not valid UTF-8"),
        (Array(#"{"subject": "marker"#.utf8) + [0xC0, 0x80] + Array(#""}"#.utf8), "not valid UTF-8"),
        (Array(#"{"subject": "marker"#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8), "not valid UTF-8"),
        ([0xEF, 0xBB, 0xBF] + Array(#"{"subject": "marker"}"#.utf8), "starts with a byte order mark"),
        (Array(#"{"subject": 99999999999999999999}"#.utf8), "an integer does not fit into 64 bits"),
        (Array(#"{"subject": 01}"#.utf8), "a number starts with a superfluous 0"),
        (Array(#"{"subject": NaN}"#.utf8), "a value is expected here"),
        (
            Array((#"{"context":"# + String(repeating: "[", count: 32) + String(repeating: "]", count: 32) + "}").utf8),
            "nested deeper than 32 levels"
        ),
        (Array(String(repeating: "[", count: 100_000).utf8), "nested deeper than 32 levels"),
    ]

    @Test(arguments: notStrict.indices)
    func textThatIsNotStrictJSONIsRefused(index: Int) throws {
        let (json, fault) = Self.notStrict[index]
        let error = try #require(throws: SignetError.self) { try SigningRequest(json: json) }
        #expect(error.memberFault == IdentityFault.json.rawValue)
        #expect(error.pointer == "")
        #expect(error.reason.hasPrefix("not strict JSON: \(fault), at line 1, column "))
        #expect(!texts(of: error).contains { $0.contains("marker") })
    }

    @Test func nameOfAnyLengthIsRefused() throws {
        let json = Array(#"{"\#(String(repeating: "subject", count: 150_000))": ""}"#.utf8)
        let error = #expect(throws: SignetError.self) { try SigningRequest(json: json) }
        #expect(error?.memberFault == IdentityFault.unknown.rawValue)
    }
}
