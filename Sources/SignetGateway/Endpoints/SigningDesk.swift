import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Answers one caller's request for a route: identity, connection, signature, record, reply.
struct SigningDesk: Sendable {
    let gateway: Gateway
    let state: GatewayState
    let caller: Caller
    let right: CallerRight

    /// What is known once the body is read and the route is found.
    struct Enquiry: Sendable {
        let route: String
        let request: SigningRequest
        let context: SigningContext
        let subjectTag: String?
        /// When everything that is called has to be done.
        let deadline: MonotonicTime
    }

    /// The same, for one connection.
    struct Order: Sendable {
        let enquiry: Enquiry
        let connection: VendorConnection
        let decision: AuditEntry.Decision?

        var route: String { enquiry.route }
        var request: SigningRequest { enquiry.request }
        var context: SigningContext { enquiry.context }
        var subjectTag: String? { enquiry.subjectTag }
    }

    /// How long vendors may be called for one request, in milliseconds: less than a server gives the request, so that who
    /// asked gets our answer.
    private static let patience: Int64 = 28_000

    func answer(_ route: String, _ body: [UInt8], _ exchange: inout Exchange) throws(Problem) -> Gateway.Answer {
        // What no route is called like is told before the body is read.
        guard state.router.routes.has(route) else {
            let routes = state.router.routes.routes
            // A wrong name must not cost more than a right one, or one caller's mistakes slow down the others.
            let names = routes.count > NearestName.longestList ? [] : routes.map(\.name).filter(caller.mayUse)
            throw .unknownRoute(route, among: names)
        }
        exchange.route = route
        let request = try request(body)
        noteUnread(in: request, for: route, &exchange)
        let choice = try choice(route, for: RouteQuery(request))
        let enquiry = Enquiry(
            route: route, request: request, context: SigningContext(requestID: exchange.requestID, route: route),
            subjectTag: state.subjects.tag(for: request.identity),
            deadline: exchange.start.advanced(byMilliseconds: Self.patience))
        exchange.subjectTag = enquiry.subjectTag
        guard let decision = choice.decision, let migration = state.router.routes.migration(of: route) else {
            return try answer(enquiry, choice.connection, nil, &exchange.signing)
        }
        return try MigrationRun(desk: self, enquiry: enquiry, migration: migration, decision: decision)
            .answer(&exchange.signing)
    }

    /// Answers for one connection.
    func answer(
        _ enquiry: Enquiry, _ connection: String, _ decision: AuditEntry.Decision?,
        _ signing: inout Exchange.Signing
    ) throws(Problem) -> Gateway.Answer {
        signing = Exchange.Signing(connection: connection, decision: decision)
        // The moment of signing is the moment for which the key is chosen.
        let order = Order(
            enquiry: enquiry, connection: try self.connection(connection, at: enquiry.context.time), decision: decision)
        signing = Exchange.Signing(
            vendor: order.connection.vendor, connection: order.connection.name, decision: order.decision)
        switch right {
        case .sign:
            let signed = try sign(order, &signing)
            return try recorded(signed, order, signing, .json(signed.json(route: order.route)))
        case .badge: return try badge(order, &signing)
        }
    }

    private func request(_ body: [UInt8]) throws(Problem) -> SigningRequest {
        do {
            return try SigningRequest(json: body)
        } catch {
            throw Problem(error)
        }
    }

    /// What nothing reads is told to who watches the gateway; the answer does not depend on it.
    private func noteUnread(in request: SigningRequest, for route: String, _ exchange: inout Exchange) {
        exchange.unread = state.router.unread(in: request, for: route)
        if exchange.unread.count > 0 {
            gateway.services.metrics.unread(caller: caller.name, count: exchange.unread.count)
        }
    }

    private func choice(_ route: String, for query: RouteQuery) throws(Problem) -> RouteChoice {
        do {
            return try state.router.routes.choose(route, for: query)
        } catch {
            throw Problem(error)
        }
    }

    private func connection(_ name: String, at time: NumericDate) throws(Problem) -> VendorConnection {
        do {
            return try state.router.connection(name, at: time)
        } catch {
            throw Problem(error)
        }
    }

    // MARK: A signed identity

    /// The token itself, for a backend that delivers it: for the session it names, or for making one.
    private func sign(_ order: Order, _ signing: inout Exchange.Signing) throws(Problem) -> SignedIdentity {
        var context = order.context
        if let signer = order.connection.signer as? any BackendDelivering {
            // Nobody is called; what a delivery would refuse is refused here as well.
            _ = try delivery(of: order, by: signer)
            context.session = .create
        }
        if let session = order.request.sessionID ?? order.request.page?.sessionID {
            context.session = .existing(session)
        }
        let signed = try signed(order, context)
        signing.key = signed.key
        return signed
    }

    private func signed(_ order: Order, _ context: SigningContext) throws(Problem) -> SignedIdentity {
        let start = MonotonicTime.now
        do {
            let signed = try order.connection.signer.sign(order.request.identity, in: context)
            gateway.services.metrics.signed(
                vendor: signed.vendor, connection: signed.connection,
                nanoseconds: MonotonicTime.now.nanoseconds(since: start))
            return signed
        } catch {
            throw Problem(error)
        }
    }

    /// The response, once what it holds is recorded: nothing leaves the process before.
    private func recorded(
        _ signed: SignedIdentity, _ order: Order, _ signing: Exchange.Signing, _ response: GatewayResponse
    ) throws(Problem) -> Gateway.Answer {
        let entry = entry(for: signed, order)
        do {
            if try gateway.recordAtOnce(entry) { return .response(response) }
        } catch {
            throw Problem(error)
        }
        return .calls(
            Gateway.Calls(
                callsVendor: false,
                make: { () async throws(Problem) -> GatewayResponse in
                    do throws(SignetError) {
                        try await gateway.record(entry)
                    } catch {
                        throw Problem(error)
                    }
                    return response
                },
                signing: { signing }, abandon: {}))
    }

    private func entry(for signed: SignedIdentity, _ order: Order) -> AuditEntry {
        AuditEntry(
            time: signed.issuedAt, requestID: order.context.requestID, caller: caller.name, right: right,
            route: order.route, vendor: signed.vendor, connection: signed.connection, key: signed.key,
            subjectTag: order.subjectTag, expiresAt: signed.expiresAt, decision: order.decision)
    }

    // MARK: A badge

    private func badge(_ order: Order, _ signing: inout Exchange.Signing) throws(Problem) -> Gateway.Answer {
        if let signer = order.connection.signer as? any BackendDelivering {
            return try deliver(order, by: signer)
        }
        guard order.request.identity != .anonymous else { return .response(strangersBadge(order)) }
        let signed = try signed(order, order.context)
        signing.key = signed.key
        guard let badge = order.connection.badge(for: signed) else { throw .noBadge(order.connection) }
        return try recorded(
            signed, order, signing,
            BadgeReply(order, badge, issuedAt: signed.issuedAt, expiresAt: signed.expiresAt).response)
    }

    /// A stranger always gets an answer; of a vendor that has nothing to sign for one, the widget's members alone.
    private func strangersBadge(_ order: Order) -> GatewayResponse {
        BadgeReply(order, .none(on: order.connection.widget), issuedAt: order.context.time, expiresAt: nil).response
    }

    private func deliver(_ order: Order, by signer: any BackendDelivering) throws(Problem) -> Gateway.Answer {
        switch try delivery(of: order, by: signer) {
        case .badge(let badge):
            return .response(BadgeReply(order, badge, issuedAt: order.context.time, expiresAt: nil).response)
        case .calls(let deliver):
            guard let courier = gateway.courier else { throw .noBadge(order.connection) }
            let run = courier.run(
                connection: order.connection.name, settings: state.delivery, deadline: order.enquiry.deadline)
            let calls = RecordedCalls(run, metrics: gateway.services.metrics) { signed async throws(SignetError) in
                try await gateway.record(entry(for: signed, order))
            }
            return .calls(
                Gateway.Calls(
                    callsVendor: true,
                    make: { () async throws(Problem) -> GatewayResponse in
                        defer { run.end() }
                        do throws(DeliveryError) {
                            let badge = try await deliver(calls)
                            return BadgeReply(order, badge, issuedAt: order.context.time, expiresAt: nil).response
                        } catch {
                            throw calls.failure.map(Problem.init) ?? Problem(error)
                        }
                    },
                    signing: {
                        Exchange.Signing(
                            vendor: order.connection.vendor, connection: order.connection.name, key: calls.key,
                            decision: order.decision)
                    },
                    abandon: calls.abandon))
        }
    }

    private func delivery(of order: Order, by signer: any BackendDelivering) throws(Problem) -> Delivery {
        do {
            return try signer.delivery(
                of: DeliveryOrder(
                    order.request.identity, context: order.context, sessionID: order.request.sessionID,
                    page: order.request.page))
        } catch {
            throw Problem(error)
        }
    }
}
