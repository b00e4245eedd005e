import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// A sandbox vendor for tests and the demo, in place of Pega's messaging service: it makes sessions and takes private data,
/// and checks each JWT as Pega does.
///
/// Two things are guesses: the bodies of refusals, and that new private data replaces the old.
public final class SandboxPega: RequestHandling {
    /// How many sessions are remembered; the next one replaces the oldest.
    public static let maximumSessions = 10_000

    /// A session with its data.
    public struct Session: Sendable, Equatable {
        /// Whom the session was made for; nil for an anonymous visitor.
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
        /// The greatest age of a JWT when it came, in seconds: hardly a second, if each request has a JWT of its own.
        public var greatestTokenAge: Int64 = 0
        /// JWTs for private data that came a second time. (Two for sessions made in the same second are the same bytes.)
        public var repeatedTokens = 0
    }

    private struct Memory {
        var counts = Counts()
        var sessions = Recent<Session>(capacity: SandboxPega.maximumSessions)
        var tokens = Recent<Void>(capacity: SandboxPega.maximumSessions)
    }

    private let widgetID: String
    private let check: SandboxPegaCheck
    private let memory = Lock(Memory())

    /// Makes a sandbox without sessions.
    ///
    /// - Parameters:
    ///   - widgetID: Its only widget.
    ///   - key: Its JWT secret.
    ///   - time: The clock.
    public init(widgetID: String, key: HS256Key, time: @escaping @Sendable () -> NumericDate = { .now }) {
        self.widgetID = widgetID
        check = SandboxPegaCheck(key: .hs256(key), time: time)
    }

    // MARK: What arrived

    /// What has happened so far.
    public var counts: Counts { memory.withLock { $0.counts } }

    /// A session by its id; nil if it is forgotten.
    public func session(_ id: String) -> Session? {
        memory.withLock { $0.sessions[id] }
    }

    // MARK: Answers

    /// Answers `POST /{widgetId}/create` and `POST /private-data`.
    public func reply(to request: GatewayRequest) -> GatewayReply {
        .ready(response(to: request))
    }

    /// Refuses a request that is not proper HTTP.
    public func refusal(_ problem: Problem) -> GatewayResponse {
        refused(SandboxPegaRefusal(problem.status, problem.title))
    }

    private func response(to request: GatewayRequest) -> GatewayResponse {
        do throws(SandboxPegaRefusal) {
            switch request.target {
            case "/\(widgetID)/create": return try create(request)
            case "/private-data": return try deliver(request)
            default: throw SandboxPegaRefusal(404, "there is no such path")
            }
        } catch {
            return refused(error)
        }
    }

    private func create(_ request: GatewayRequest) throws(SandboxPegaRefusal) -> GatewayResponse {
        let token = try check.token(of: request)
        guard token.issuer.utf8.elementsEqual(widgetID.utf8) else {
            throw SandboxPegaRefusal(401, "iss is not the widget id")
        }
        let members = try check.body(of: request)
        guard members.allSatisfy({ $0.name == "customerId" && $0.value.string != nil }) else {
            throw SandboxPegaRefusal(400, "the body may have only customerId, a string")
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

    private func deliver(_ request: GatewayRequest) throws(SandboxPegaRefusal) -> GatewayResponse {
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
        guard isKnown else { throw SandboxPegaRefusal(401, "iss is not the id of a session") }
        return Self.answer(200, [:])
    }

    private func refused(_ refusal: SandboxPegaRefusal) -> GatewayResponse {
        memory.withLock { $0.counts.refused += 1 }
        return Self.answer(refusal.status, ["error": .string(refusal.reason)])
    }

    private static func answer(_ status: Int, _ json: JSONValue) -> GatewayResponse {
        GatewayResponse(
            status: status, headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: JSONWriter.bytes(of: json))
    }
}

/// The latest values by their names: when there is no room, a new value replaces the oldest.
package struct Recent<Value> {
    private let capacity: Int
    private var values: [String: Value] = [:]
    private var names: [String] = []
    /// Where the oldest name stands, once all places are taken.
    private var oldest = 0

    package init(capacity: Int) {
        precondition(capacity > 0, "the capacity has to be positive")
        self.capacity = capacity
    }

    package subscript(name: String) -> Value? { values[name] }

    /// Adds a value under a new name.
    package mutating func insert(_ value: Value, as name: String) {
        guard values.updateValue(value, forKey: name) == nil else { return }
        if names.count < capacity {
            names.append(name)
        } else {
            values[names[oldest]] = nil
            names[oldest] = name
            oldest = (oldest + 1) % capacity
        }
    }

    /// Replaces the value of a known name.
    package mutating func replace(_ value: Value, as name: String) {
        if values[name] != nil { values[name] = value }
    }
}
