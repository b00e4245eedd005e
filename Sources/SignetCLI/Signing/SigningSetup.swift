import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Everything that signing for one route or connection needs, with every connection that can be chosen loaded.
struct SigningSetup: Sendable {
    private let target: SigningTarget
    private let purpose: SessionPurpose?
    private let context: [String: String]
    private let connections: [String: ScheduledConnection]
    /// The members of a request that the route or one of its connections reads.
    let readMembers: ReadMembers

    init(
        _ configuration: Configuration, target: SigningTarget, purpose: SessionPurpose?, context: [String: String]
    ) throws(CommandFailure) {
        self.target = target
        self.purpose = purpose
        self.context = context
        var connections: [String: ScheduledConnection] = [:]
        for name in target.connections {
            connections[name] = try reporting { try configuration.load(scheduled: name) }
        }
        self.connections = connections
        let loaded = target.connections.compactMap { connections[$0]?.connection(at: .now) }
        readMembers = ReadMembers(of: loaded, by: target.route)
        if purpose != nil && !loaded.contains(where: \.needsSession) { throw CommandFailure.needlessSession }
    }

    /// Signs one request. Its own context goes over the command's.
    func sign(_ request: SigningRequest) throws(CommandFailure) -> SignedIdentity {
        try reporting {
            if request.sessionID != nil && purpose != nil {
                throw SignetError(
                    "/sessionId", .conflict, "the command line names a session already",
                    hint: "leave out --session and --for, or the member \"sessionId\"")
            }
            var query = RouteQuery(request)
            query.context = request.context.isEmpty ? context : context.merging(request.context) { _, own in own }
            let name = target.connection(for: query)
            guard let connection = connections[name] else {
                throw SignetError(RoutingFault.unknownConnection, "no connection \"\(name)\"")
            }
            let session = request.sessionID.map(SessionPurpose.existing) ?? purpose
            let time = NumericDate.now
            return try connection.connection(at: time).sign(
                request.identity, in: SigningContext(time: time, route: route, session: session))
        }
    }

    /// The members of a request that nothing reads. The request's own context and the command's count alike.
    func unread(in request: SigningRequest) -> Set<UnreadMembers.Member> {
        readMembers.unread(in: request, context: context).members
    }

    /// The name of the route that is signed for.
    var route: String? { target.route?.name }
}

extension CommandFailure {
    /// Whether the vendor's token is bound to a session, and none was named.
    var isMissingSession: Bool { code == SigningFault.sessionRequired.rawValue }
}
