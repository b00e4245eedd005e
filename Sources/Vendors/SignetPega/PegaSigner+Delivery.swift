import SignetIdentity
import SignetJOSE
import SignetSystem

/// Pega has to know who the customer is before the page gets the session: what a page sends first cannot be taken back.
extension PegaSigner: BackendDelivering {
    /// With `"sessions": "create"`: makes the session, then delivers the private data for it; for a stranger the first
    /// alone. For a session that is known already, the backend's own or with `"report"` the page's: the private data alone.
    ///
    /// A deferred page, and one that has no session to report yet, gets a badge without a value and asks again. What the
    /// identity lacks is found then too.
    func delivery(of order: DeliveryOrder) throws(SignetError) -> Delivery {
        let reported = order.page?.sessionID
        if reported != nil && settings.sessions == .create {
            throw SignetError(
                SigningFault.sessionNotAccepted, "this connection takes no session id from a page",
                hint:
                    "set \"sessions\": \"report\", or send an id that the backend itself kept as a top-level sessionId",
                pointer: "/page/sessionId")
        }
        let known = order.sessionID ?? reported
        if let known { try check(known) }
        guard case .customer(let customer) = order.identity else {
            return strangersDelivery(of: order, session: known)
        }
        _ = try privateData(for: customer, in: order.context)
        let isDeferred = order.page?.isDeferred ?? false
        if let known, !isDeferred {
            return .calls { [self] vendor throws(DeliveryError) in
                try await deliver(order, for: known, isNamedByPage: order.sessionID == nil, by: vendor)
                return badge(of: known)
            }
        }
        guard settings.sessions == .create else { return .badge(badge(of: nil)) }
        _ = try plan(for: order.identity, in: order.context(for: .create))
        if isDeferred { return .badge(badge(of: nil)) }
        return .calls { [self] vendor throws(DeliveryError) in
            let session = try await makeSession(for: order, by: vendor)
            try await deliver(order, for: session, isNamedByPage: false, by: vendor)
            return badge(of: session)
        }
    }

    /// There is no private data of a stranger: a session that exists is left as it is.
    private func strangersDelivery(of order: DeliveryOrder, session: SessionID?) -> Delivery {
        guard settings.sessions == .create else { return .badge(.none(on: settings.widget)) }
        if order.page?.isDeferred ?? false { return .badge(badge(of: nil)) }
        if let session { return .badge(badge(of: session)) }
        return .calls { [self] vendor throws(DeliveryError) in
            badge(of: try await makeSession(for: order, by: vendor))
        }
    }

    private func badge(of session: SessionID?) -> Badge {
        PegaPlugin.badge(session: session, settings: settings)
    }

    // MARK: The two calls

    private static let making = "makes the session"

    private func makeSession(
        for order: DeliveryOrder, by vendor: any VendorCalling
    ) async throws(DeliveryError) -> SessionID {
        let answer = try await vendor.call(Self.making) { time throws(SignetError) in
            try sign(order.identity, in: order.context(for: .create, at: time))
        }
        let fault = "the vendor's answer to the request that \(Self.making)"
        guard let json = try? JSONReader.members(["sessionId"], of: answer.body) else {
            throw DeliveryError(.senseless, "\(fault) is not JSON", status: answer.status)
        }
        guard let text = json["sessionId"]?.string, let session = try? SessionID(text) else {
            throw DeliveryError(
                .senseless, "\(fault) has no sessionId of 1 to 256 URL-safe characters", status: answer.status)
        }
        guard !isWidget(session) else {
            throw DeliveryError(.senseless, "\(fault) calls the session by the widget's own id", status: answer.status)
        }
        return session
    }

    private func deliver(
        _ order: DeliveryOrder, for session: SessionID, isNamedByPage: Bool, by vendor: any VendorCalling
    ) async throws(DeliveryError) {
        _ = try await vendor.call("delivers the private data", isNamedByPage: isNamedByPage) {
            time throws(SignetError) in
            try sign(order.identity, in: order.context(for: .existing(session), at: time))
        }
    }
}

extension DeliveryOrder {
    /// The circumstances of one signature.
    fileprivate func context(for session: SessionPurpose, at time: NumericDate? = nil) -> SigningContext {
        var context = context
        context.session = session
        if let time { context.time = time }
        return context
    }
}
