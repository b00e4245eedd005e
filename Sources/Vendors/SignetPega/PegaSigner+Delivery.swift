import SignetIdentity
import SignetJOSE
import SignetSystem

/// Pega gets the private data before the page gets the session, so that the page cannot send anything earlier.
extension PegaSigner: BackendDelivering {
    /// With `"sessions": "create"`, creates the session and delivers the private data; for an anonymous visitor it only
    /// creates the session. For a known session, from the backend or with `"report"` from the page, it only delivers the
    /// private data.
    ///
    /// A page that defers, or has no session to report yet, gets a badge without a value and asks again. A missing value of
    /// the identity is found in that case too.
    func delivery(of request: SigningRequest, in context: SigningContext) throws(SignetError) -> Delivery {
        let reported = request.page?.sessionID
        if reported != nil && settings.sessions == .create {
            throw SignetError(
                SigningFault.sessionNotAccepted, "this connection does not accept a session id from a page",
                hint:
                    "set \"sessions\": \"report\", or send an id that the backend itself kept as a top-level sessionId",
                pointer: "/page/sessionId")
        }
        let known = request.sessionID ?? reported
        if let known { try check(known) }
        guard case .customer(let customer) = request.identity else {
            return anonymousDelivery(of: request, session: known)
        }
        _ = try privateData(for: customer, in: context)
        let isDeferred = request.page?.isDeferred ?? false
        if let known, !isDeferred {
            return .calls { [self] vendor throws(DeliveryError) in
                try await deliver(for: known, isNamedByPage: request.sessionID == nil, by: vendor)
                return badge(of: known)
            }
        }
        guard settings.sessions == .create else { return .badge(badge(of: nil)) }
        var creating = context
        creating.session = .create
        _ = try plan(for: request.identity, in: creating)
        if isDeferred { return .badge(badge(of: nil)) }
        return .calls { [self] vendor throws(DeliveryError) in
            let session = try await makeSession(by: vendor)
            try await deliver(for: session, isNamedByPage: false, by: vendor)
            return badge(of: session)
        }
    }

    /// An anonymous visitor has no private data, so an existing session needs no call.
    private func anonymousDelivery(of request: SigningRequest, session: SessionID?) -> Delivery {
        guard settings.sessions == .create else { return .badge(.none(on: settings.widget)) }
        if request.page?.isDeferred ?? false { return .badge(badge(of: nil)) }
        if let session { return .badge(badge(of: session)) }
        return .calls { [self] vendor throws(DeliveryError) in
            badge(of: try await makeSession(by: vendor))
        }
    }

    private func badge(of session: SessionID?) -> Badge {
        PegaPlugin.badge(session: session, settings: settings)
    }

    // MARK: The two calls

    private static let making = "creates the session"

    private func makeSession(by vendor: any VendorCalling) async throws(DeliveryError) -> SessionID {
        let answer = try await vendor.call(Self.making, for: .create, isNamedByPage: false)
        let fault = "the vendor's answer to the request that \(Self.making)"
        guard let json = try? JSONReader.members(["sessionId"], of: answer.body) else {
            throw DeliveryError(.senseless, "\(fault) is not JSON", status: answer.status)
        }
        guard let text = json["sessionId"]?.string, let session = try? SessionID(text) else {
            throw DeliveryError(
                .senseless, "\(fault) has no sessionId of 1 to 256 URL-safe characters", status: answer.status)
        }
        guard !isWidget(session) else {
            throw DeliveryError(.senseless, "\(fault) has the widget's own id as sessionId", status: answer.status)
        }
        return session
    }

    private func deliver(
        for session: SessionID, isNamedByPage: Bool, by vendor: any VendorCalling
    ) async throws(DeliveryError) {
        _ = try await vendor.call(
            "delivers the private data", for: .existing(session), isNamedByPage: isNamedByPage)
    }
}
