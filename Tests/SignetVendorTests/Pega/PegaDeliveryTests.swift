import SignetIdentity
import SignetJOSE
import SignetPega
import SignetSystem
import Testing

/// The calls to Pega before the page gets its badge, and the badge.
@Suite struct PegaDeliveryTests {
    /// Answers in turn, and records the requests.
    final class Vendor: VendorCalling {
        struct Call: Equatable {
            let purpose: String
            let url: String
            let issuer: String?
            let body: String
            var isNamedByPage = false
        }

        private struct State {
            var answers: [Result<VendorAnswer, DeliveryError>]
            var calls: [Call] = []
            /// What is signed for each call.
            var order: (SigningRequest, VendorConnection)?
        }

        private let state: Lock<State>
        var calls: [Call] { state.withLock { $0.calls } }

        init(_ answers: [Result<VendorAnswer, DeliveryError>]) {
            state = Lock(State(answers: answers))
        }

        /// Makes 200 answers with these bodies.
        convenience init(_ bodies: String...) {
            self.init(bodies.map { .success(VendorAnswer(status: 200, body: Array($0.utf8))) })
        }

        func expect(_ order: SigningRequest, on connection: VendorConnection) {
            state.withLock { $0.order = (order, connection) }
        }

        func call(
            _ purpose: String, for session: SessionPurpose, isNamedByPage: Bool
        ) async throws(DeliveryError) -> VendorAnswer {
            guard let (order, connection) = state.withLock({ $0.order }) else {
                throw DeliveryError(.signing, "no order")
            }
            var context = PegaDeliveryTests.context
            context.session = session
            context.time = Moment.fixed.advanced(by: 60)
            guard let signed = try? connection.sign(order.identity, in: context),
                case .backend(let token) = signed.token
            else {
                throw DeliveryError(.signing, "not signed")
            }
            let payload = (try? CompactJWS(parsing: token.compact)).flatMap { try? $0.jsonPayload() }
            let call = Call(
                purpose: purpose, url: token.request.url, issuer: payload?["iss"]?.string, body: token.request.body,
                isNamedByPage: isNamedByPage)
            #expect(payload?["iat"]?.integer == Moment.fixed.seconds + 60)
            let answer = state.withLock { state in
                state.calls.append(call)
                return state.answers.isEmpty ? nil : state.answers.removeFirst()
            }
            guard let answer else { throw DeliveryError(.unreachable, "one call too many") }
            return try answer.get()
        }
    }

    private static let origin = "https://widget.use1.chat.pega.digital"
    private static let making = Vendor.Call(
        purpose: "creates the session", url: "\(origin)/\(TestVendor.widgetID)/create", issuer: TestVendor.widgetID,
        body: #"{"customerId":"customer-4711"}"#)
    private static let anonymous = Vendor.Call(
        purpose: making.purpose, url: making.url, issuer: making.issuer, body: "{}")

    private static func delivering(for session: String, isNamedByPage: Bool = false) -> Vendor.Call {
        Vendor.Call(
            purpose: "delivers the private data", url: "\(origin)/private-data", issuer: session,
            body: #"{"customerId":"customer-4711","externalUserId":"customer-4711"}"#, isNamedByPage: isNamedByPage)
    }

    /// A request, its calls, and the badge's value; a nil badge is that of an anonymous visitor.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String { request + " " + sessions }
        var sessions: String
        var request: String
        var calls: [Vendor.Call] = []
        var badge: JSONValue?
    }

    private static let create: [Case] = [
        Case(
            sessions: "create", request: #"{"subject": "customer-4711"}"#, calls: [making, delivering(for: "made")],
            badge: "made"),
        Case(sessions: "create", request: #"{"anonymous": true}"#, calls: [anonymous], badge: "made"),
        Case(sessions: "create", request: #"{"subject": "customer-4711", "page": {"defer": true}}"#, badge: .null),
        Case(sessions: "create", request: #"{"anonymous": true, "page": {"defer": true}}"#, badge: .null),
        Case(
            sessions: "create", request: #"{"subject": "customer-4711", "page": {"defer": false}}"#,
            calls: [making, delivering(for: "made")], badge: "made"),
        Case(
            sessions: "create", request: #"{"subject": "customer-4711", "sessionId": "kept"}"#,
            calls: [delivering(for: "kept")], badge: "kept"),
        Case(
            sessions: "create", request: #"{"subject": "customer-4711", "sessionId": "kept", "page": {"defer": true}}"#,
            badge: .null),
        Case(sessions: "create", request: #"{"anonymous": true, "sessionId": "kept"}"#, badge: "kept"),
    ]

    private static let report: [Case] = [
        Case(sessions: "report", request: #"{"subject": "customer-4711"}"#, badge: .null),
        Case(sessions: "report", request: #"{"subject": "customer-4711", "page": {}}"#, badge: .null),
        Case(
            sessions: "report", request: #"{"subject": "customer-4711", "page": {"sessionId": "told"}}"#,
            calls: [delivering(for: "told", isNamedByPage: true)], badge: "told"),
        Case(
            sessions: "report", request: #"{"subject": "customer-4711", "sessionId": "kept"}"#,
            calls: [delivering(for: "kept")], badge: "kept"),
        Case(
            sessions: "report",
            request: #"{"subject": "customer-4711", "sessionId": "kept", "page": {"sessionId": "told"}}"#,
            calls: [delivering(for: "kept")], badge: "kept"),
        Case(
            sessions: "report", request: #"{"subject": "customer-4711", "page": {"sessionId": "told", "defer": true}}"#,
            badge: .null),
        Case(sessions: "report", request: #"{"anonymous": true}"#),
        Case(sessions: "report", request: #"{"anonymous": true, "page": {"sessionId": "told"}}"#),
    ]

    @Test(arguments: create + report)
    func callsAndBadgeMatchTheRequest(test: Case) async throws {
        let vendor = Vendor(#"{"sessionId": "made", "more": [1, {}]}"#, "")
        let badge = try await badge(try order(test.request), sessions: test.sessions, by: vendor)
        #expect(vendor.calls == test.calls)
        #expect(badge.json["kind"] == (test.badge == nil ? "none" : "sessionId"))
        #expect(badge.json["value"] == test.badge)
        #expect(badge.json["sessions"] == .string(test.sessions))
        #expect(badge.json["widgetId"] == .string(TestVendor.widgetID))
    }

    @Test func onlyOwnMembersAreReadFromTheAnswer() async throws {
        let vendor = Vendor("not even JSON")
        let order = try order(#"{"subject": "customer-4711", "sessionId": "kept"}"#)
        #expect(try await badge(order, by: vendor).value == "kept")
    }

    @Test(arguments: [
        ("", "is not JSON"), ("<html>", "is not JSON"), (#"{"sessionId": "s""#, "is not JSON"),
        (#"{"sessionId": "s", "sessionId": "t"}"#, "is not JSON"), ("\u{FEFF}{}", "is not JSON"),
        (#"{"sessionId": "s", "\u0073essionId": "s"}"#, "is not JSON"), (#"{"sessionId": "\ud800"}"#, "is not JSON"),
        (#"{"sessionId": 99999999999999999999}"#, "is not JSON"), (#"{"sessionId": {"a": 1, "a": 2}}"#, "is not JSON"),
        (#"{"sessionId": "s", "n": 01}"#, "is not JSON"), (#"{"sessionId": "s", "t": "\x"}"#, "is not JSON"),
        (#"{"more": {"sessionId": "s"}, "sessionId\ud800": "s"}"#, "1 to 256"),
        ("{}", "1 to 256"), (#"{"sessionID": "s"}"#, "1 to 256"), (#"{"sessionId": null}"#, "1 to 256"),
        (#"{"sessionId": 7}"#, "1 to 256"), (#"{"sessionId": ""}"#, "1 to 256"), (#"{"sessionId": "a b"}"#, "1 to 256"),
        (#"{"sessionId": "a/b"}"#, "1 to 256"), (#"{"sessionId": "a\u0000"}"#, "1 to 256"),
        (#"{"sessionId": "é"}"#, "1 to 256"), (#"{"sessionId": ["s"]}"#, "1 to 256"), (#"["sessionId"]"#, "1 to 256"),
        (#"{"data": {"sessionId": "s"}}"#, "1 to 256"),
        (#"{"sessionId": "\#(String(repeating: "s", count: 257))"}"#, "1 to 256"),
        (#"{"sessionId": "\#(TestVendor.widgetID)"}"#, "the widget's own id"),
        (#"{"sessionId": "\#(TestVendor.widgetID.uppercased())"}"#, "the widget's own id"),
    ])
    func senselessAnswerGivesNoBadge(body: String, reason: String) async throws {
        for request in [#"{"subject": "customer-4711"}"#, #"{"anonymous": true}"#] {
            let vendor = Vendor(body, "")
            let order = try order(request)
            let error = await #expect(throws: DeliveryError.self) { try await badge(order, by: vendor) }
            #expect(error?.kind == .senseless)
            #expect(error?.reason.contains(reason) == true)
            #expect(vendor.calls.count == 1)
        }
    }

    @Test(arguments: [
        #""n": 99999999999999999999, "d": -9223372036854775809"#,
        #""t": "\ud800", "\udc00": ["\ud800\"", "\ud800\u0041"]"#,
        #""a": 1, "a": 2"#, #""o": {"a": 1, "a": {"sessionId": "other", "sessionId": "another"}}"#,
        #""deep": \#(String(repeating: "[", count: 100))\#(String(repeating: "]", count: 100))"#, #""e": 1e999"#,
    ])
    func otherMembersOfAnAnswerAreIgnored(members: String) async throws {
        for body in [#"{"sessionId": "made", \#(members)}"#, #"{\#(members), "sessionId": "made"}"#] {
            let vendor = Vendor(body, "")
            #expect(try await badge(try order(#"{"subject": "customer-4711"}"#), by: vendor).value == "made")
            #expect(vendor.calls.count == 2)
        }
    }

    @Test func otherMembersOfAnAnswerCanBeLatin1() async throws {
        let body = Array(#"{"customer": "M"#.utf8) + [0xFC] + Array(#"ller", "sessionId": "made"}"#.utf8)
        let vendor = Vendor([
            .success(VendorAnswer(status: 200, body: body)), .success(VendorAnswer(status: 200, body: [])),
        ])
        #expect(try await badge(try order(#"{"subject": "customer-4711"}"#), by: vendor).value == "made")
    }

    @Test func sessionIDOfAnAnswerHasToBeUTF8() async throws {
        let body = Array(#"{"sessionId": "made"#.utf8) + [0xFC] + Array(#""}"#.utf8)
        let vendor = Vendor([.success(VendorAnswer(status: 200, body: body))])
        let order = try order(#"{"anonymous": true}"#)
        let error = await #expect(throws: DeliveryError.self) { try await badge(order, by: vendor) }
        #expect(error?.kind == .senseless)
        #expect(error?.reason.contains("is not JSON") == true)
    }

    @Test func longestSessionIDIsAccepted() async throws {
        let longest = String(repeating: "s", count: 256)
        let vendor = Vendor(#"{"sessionId": "\#(longest)"}"#, "")
        #expect(try await badge(try order(#"{"subject": "customer-4711"}"#), by: vendor).value == longest)
    }

    @Test func badgeComesAfterTheEndOfBothCalls() async throws {
        let refusal = DeliveryError(.refused, "the vendor answered 500", status: 500)
        let made = VendorAnswer(status: 200, body: Array(#"{"sessionId": "made"}"#.utf8))
        let courses: [[Result<VendorAnswer, DeliveryError>]] = [
            [.failure(refusal)], [.success(made), .failure(refusal)],
        ]
        for answers in courses {
            let vendor = Vendor(answers)
            let order = try order(#"{"subject": "customer-4711"}"#)
            let error = await #expect(throws: DeliveryError.self) { try await badge(order, by: vendor) }
            #expect(error == refusal)
            #expect(vendor.calls.count == answers.count)
        }
    }

    // MARK: Before the first call

    @Test(arguments: [
        #"{"subject": "customer-4711", "page": {"sessionId": "told"}}"#,
        #"{"subject": "customer-4711", "page": {"sessionId": "told", "defer": true}}"#,
        #"{"subject": "customer-4711", "sessionId": "kept", "page": {"sessionId": "told"}}"#,
        #"{"anonymous": true, "page": {"sessionId": "told"}}"#,
    ])
    func sessionIDFromAPageIsRefused(request: String) throws {
        let error = try #require(throws: SignetError.self) { try delivery(order(request)) }
        #expect(error.isFault(SigningFault.sessionNotAccepted))
        #expect(error.hint?.contains(#""sessions": "report""#) == true)
    }

    @Test(arguments: [
        ("create", #"{"subject": "c", "sessionId": "\#(TestVendor.widgetID)"}"#),
        ("create", #"{"anonymous": true, "sessionId": "\#(TestVendor.widgetID)"}"#),
        ("report", #"{"subject": "c", "page": {"sessionId": "\#(TestVendor.widgetID)"}}"#),
        ("report", #"{"subject": "c", "page": {"sessionId": "\#(TestVendor.widgetID.uppercased())"}}"#),
        ("report", #"{"subject": "c", "page": {"sessionId": "4d88D63C-b3d9-49ee-8f77-adeb5d4fc223"}}"#),
        ("report", #"{"subject": "c", "page": {"sessionId": "4d88d63cb3d949ee8f77adeb5d4fc223"}}"#),
        ("create", #"{"subject": "c", "sessionId": "4D88D63CB3D949EE8F77ADEB5D4FC223"}"#),
    ])
    func widgetIDIsRefusedAsSession(sessions: String, request: String) throws {
        let error = try #require(throws: SignetError.self) { try delivery(order(request), sessions: sessions) }
        #expect(error.isFault(SigningFault.sessionRequired))
        #expect(error.reason == "the session id is the widget's own id")
    }

    /// The widget's id with spaces, escapes or other characters is not a session id.
    @Test(arguments: [
        " \(TestVendor.widgetID)", "\(TestVendor.widgetID) ", "%34d88d63c", "4d88d63c%2Db3d9", "{4d88d63c}",
        "4d88d63c\u{2010}b3d9",
    ])
    func encodedWidgetIDIsRefusedAsSessionID(text: String) {
        let error = #expect(throws: SignetError.self) { try SessionID(text) }
        #expect(error?.memberFault == IdentityFault.sessionID.rawValue)
    }

    @Test(arguments: [
        (#""create": {"customerId": "email"}"#, #"{"subject": "c"}"#),
        (#""create": {"customerId": "email"}"#, #"{"subject": "c", "page": {"defer": true}}"#),
        (#""privateData": {"mail": "email"}"#, #"{"subject": "c"}"#),
        (#""privateData": {"mail": "email"}"#, #"{"subject": "c", "sessionId": "kept"}"#),
        (#""privateData": {"mail": "email"}, "sessions": "report""#, #"{"subject": "c"}"#),
        (
            #""privateData": {"mail": "email"}, "sessions": "report""#,
            #"{"subject": "c", "page": {"sessionId": "told"}}"#
        ),
    ])
    func missingValueIsFoundBeforeTheFirstCall(options: String, request: String) throws {
        let error = try #require(throws: SignetError.self) { try delivery(order(request), options: options) }
        #expect(error.isFault(SigningFault.incomplete))
        #expect(error.pointer == "/email")
    }

    @Test func keptSessionNeedsNoValuesForCreatingOne() async throws {
        let order = try order(#"{"subject": "customer-4711", "sessionId": "kept"}"#)
        let options = #""create": {"customerId": "email"}"#
        guard case .calls(let deliver) = try delivery(order, options: options) else {
            Issue.record("the private data has to be delivered")
            return
        }
        let vendor = Vendor("")
        vendor.expect(order, on: try connection(options))
        #expect(try await deliver(vendor).value == "kept")
    }

    // MARK: Support

    private static let context = SigningContext(time: Moment.fixed, requestID: "request-1")

    private func order(_ request: String) throws -> SigningRequest {
        try SigningRequest(json: request.utf8)
    }

    private func delivery(_ order: SigningRequest, sessions: String = "create") throws -> Delivery {
        try delivery(order, options: #""sessions": "\#(sessions)""#)
    }

    private func delivery(_ order: SigningRequest, options: String) throws -> Delivery {
        try #require(try connection(options).delivery(of: order, in: Self.context))
    }

    private func connection(_ options: String) throws -> VendorConnection {
        try TestVendor.pega.connection(
            #"{"region": "use1", "widgetId": "\#(TestVendor.widgetID)", \#(options)}"#)
    }

    private func badge(
        _ order: SigningRequest, sessions: String = "create", by vendor: Vendor
    ) async throws -> Badge {
        vendor.expect(order, on: try connection(#""sessions": "\#(sessions)""#))
        return switch try delivery(order, sessions: sessions) {
        case .badge(let badge): badge
        case .calls(let deliver): try await deliver(vendor)
        }
    }
}
