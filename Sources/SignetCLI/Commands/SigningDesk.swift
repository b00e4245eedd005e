import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Signs requests for one route or connection, with every connection that can come up loaded beforehand.
struct SigningDesk: Sendable {
    private let target: Invocation.Target
    private let routes: RouteTable
    private let purpose: SessionPurpose?
    private let context: [String: String]
    private let connections: [String: ScheduledConnection]
    /// What is read of a request on any way that it can go.
    let readMembers: ReadMembers

    /// Why a request was not signed.
    enum Refusal: Error {
        case identity(SignetError)
        case routing(SignetError)
        case signing(SignetError)

        /// Whether the token is for a session, and none was named.
        var isMissingSession: Bool {
            if case .signing(let error) = self { error.isFault(SigningFault.sessionRequired) } else { false }
        }

        /// The stable code.
        var code: String {
            switch self {
            case .identity(let error): error.code
            case .routing(let error): error.code
            case .signing(let error): error.code
            }
        }

        /// The reason in words.
        var reason: String {
            switch self {
            case .identity(let error): error.reason
            case .routing(let error): error.reason
            case .signing(let error): error.reason
            }
        }
    }

    init(
        _ configuration: Configuration, target: Invocation.Target, purpose: SessionPurpose?, context: [String: String]
    ) throws(CommandFailure) {
        self.target = target
        self.purpose = purpose
        self.context = context
        routes = configuration.routes
        var connections: [String: ScheduledConnection] = [:]
        let candidates = try failing({ CommandFailure(.wrongUse, $0) }) { () throws(SignetError) in
            try target.connections(in: configuration.routes)
        }
        for name in candidates {
            connections[name] = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                try configuration.load(scheduled: name)
            }
        }
        self.connections = connections
        let loaded = connections
        readMembers = ReadMembers(
            of: candidates.compactMap { loaded[$0]?.connection(at: .now) },
            by: target.route.flatMap { try? configuration.routes.route($0) })
        if purpose != nil && !connections.values.contains(where: { $0.connection(at: .now).needsSession }) {
            throw CommandFailure.needlessSession
        }
    }

    /// Signs one request. Its own context goes over the command's.
    func sign(_ request: SigningRequest) throws(Refusal) -> SignedIdentity {
        if request.sessionID != nil && purpose != nil {
            throw .identity(
                SignetError(
                    "/sessionId", .conflict, "the command says already what is signed for",
                    hint: "leave out --session and --for, or the member \"sessionId\""))
        }
        var query = RouteQuery(request)
        query.context = request.context.isEmpty ? context : context.merging(request.context) { _, own in own }
        let name: String
        do {
            name = try target.connection(in: routes, for: query)
        } catch {
            throw .routing(error)
        }
        guard let connection = connections[name] else {
            throw .routing(SignetError(RoutingFault.unknownConnection, "no connection \"\(name)\""))
        }
        let session = request.sessionID.map(SessionPurpose.existing) ?? purpose
        let time = NumericDate.now
        do {
            return try connection.connection(at: time).signer.sign(
                request.identity, in: SigningContext(time: time, route: target.route, session: session))
        } catch {
            throw .signing(error)
        }
    }

    /// What of a request nothing reads. Its own context and the command's count alike.
    func unread(in request: SigningRequest) -> Set<UnreadMembers.Member> {
        readMembers.unread(in: request, context: context).members
    }

    /// The route that is signed for.
    var route: String? { target.route }
}
