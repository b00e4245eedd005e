import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Stands in for Pega's messaging service, for tests and for the demo: it makes sessions and takes private data, and
/// checks each JWT as Pega does.
///
/// What is not known of Pega is guessed: the bodies of refusals, and that private data that comes again replaces what was
/// there.
public final class StandInPega: RequestHandling {
    /// So many sessions are remembered; the oldest goes for the next.
    public static let maximumSessions = 10_000

    /// A session and what arrived for it.
    public struct Session: Sendable, Equatable {
        /// What the session was made for; nil for a stranger.
        public let customerID: String?
        /// The private data, once it has arrived.
        public var privateData: JSONValue?
    }

    /// What has happened so far.
    public struct Counts: Sendable, Equatable {
        /// Sessions that were made.
        public var created = 0
        /// Private data that was taken.
        public var delivered = 0
        /// Requests that were refused.
        public var refused = 0
        /// How old a JWT was, at most, when it came, in seconds: with one that is signed for its request, hardly a second.
        public var greatestTokenAge: Int64 = 0
        /// JWTs for private data that came a second time. (Two for sessions made in the same second are the same bytes.)
        public var repeatedTokens = 0
    }

    private struct Memory {
        var counts = Counts()
        var sessions = Recent<Session>(capacity: StandInPega.maximumSessions)
        var tokens = Recent<Void>(capacity: StandInPega.maximumSessions)
    }

    private let widgetID: String
    private let check: StandInPegaCheck
    private let memory = Lock(Memory())

    /// Makes one without a session.
    ///
    /// - Parameters:
    ///   - widgetID: The one connection there is.
    ///   - key: Its JWT secret.
    ///   - time: The clock.
    public init(widgetID: String, key: HS256Key, time: @escaping @Sendable () -> NumericDate = { .now }) {
        self.widgetID = widgetID
        check = StandInPegaCheck(key: .hs256(key), time: time)
    }

    // MARK: What arrived

    /// What has happened so far.
    public var counts: Counts { memory.withLock { $0.counts } }

    /// A session by its id, if it is still remembered.
    public func session(_ id: String) -> Session? {
        memory.withLock { $0.sessions[id] }
    }

    // MARK: Answers

    /// Answers `POST /{widgetId}/create` and `POST /private-data`.
    public func reply(to request: GatewayRequest) -> GatewayReply {
        .ready(response(to: request))
    }

    /// What is no proper HTTP is refused without many words.
    public func refusal(_ problem: Problem) -> GatewayResponse {
        refused(StandInPegaRefusal(problem.status, problem.title))
    }

    private func response(to request: GatewayRequest) -> GatewayResponse {
        do throws(StandInPegaRefusal) {
            switch request.target {
            case "/\(widgetID)/create": return try create(request)
            case "/private-data": return try deliver(request)
            default: throw StandInPegaRefusal(404, "there is nothing here")
            }
        } catch {
            return refused(error)
        }
    }

    private func create(_ request: GatewayRequest) throws(StandInPegaRefusal) -> GatewayResponse {
        let token = try check.token(of: request)
        guard token.issuer.utf8.elementsEqual(widgetID.utf8) else {
            throw StandInPegaRefusal(401, "iss is not the widget id")
        }
        let members = try check.body(of: request)
        guard members.allSatisfy({ $0.name == "customerId" && $0.value.string != nil }) else {
            throw StandInPegaRefusal(400, "a session is made of a customerId, a string, and of nothing else")
        }
        let session = Session(customerID: members.first?.value.string)
        let id = RequestID.make()
        memory.withLock { memory in
            memory.counts.created += 1
            memory.counts.greatestTokenAge = max(memory.counts.greatestTokenAge, token.age)
            memory.sessions.insert(session, as: id)
        }
        return Self.answer(200, ["sessionId": .string(id)])
    }

    private func deliver(_ request: GatewayRequest) throws(StandInPegaRefusal) -> GatewayResponse {
        let token = try check.token(of: request)
        let members = try check.body(of: request)
        let isKnown = memory.withLock { memory in
            guard var session = memory.sessions[token.issuer] else { return false }
            session.privateData = .object(members)
            memory.sessions.replace(session, as: token.issuer)
            memory.counts.delivered += 1
            memory.counts.greatestTokenAge = max(memory.counts.greatestTokenAge, token.age)
            if memory.tokens[token.digest] == nil {
                memory.tokens.insert((), as: token.digest)
            } else {
                memory.counts.repeatedTokens += 1
            }
            return true
        }
        guard isKnown else { throw StandInPegaRefusal(401, "iss is no session's id") }
        return Self.answer(200, [:])
    }

    private func refused(_ refusal: StandInPegaRefusal) -> GatewayResponse {
        memory.withLock { $0.counts.refused += 1 }
        return Self.answer(refusal.status, ["error": .string(refusal.reason)])
    }

    private static func answer(_ status: Int, _ json: JSONValue) -> GatewayResponse {
        GatewayResponse(
            status: status, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: JSONWriter.bytes(of: json))
    }
}
