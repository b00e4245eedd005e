import SignetSystem

extension VendorConnection {
    /// Signs a request and checks the result as the vendor would. No vendor is called, and the result is dropped.
    ///
    /// - Throws: ``SignetError`` if the identity lacks a value, or ``SigningFault/failed`` if the vendor would refuse the token.
    package func dryRun(_ request: SigningRequest, requestID: String, route: String) throws(SignetError) {
        var context = SigningContext(requestID: requestID, route: route)
        guard let delivering = signer as? any BackendDelivering else {
            // Nothing is signed for an anonymous visitor.
            if request.identity != .anonymous { try signAndCheck(request.identity, in: context) }
            return
        }
        // A page that defers asks again later, and is answered in full then.
        var page = request.page
        page?.isDeferred = false
        let delivery = try delivering.delivery(
            of: DeliveryOrder(request.identity, context: context, sessionID: request.sessionID, page: page))
        guard case .calls = delivery, request.identity != .anonymous else { return }
        for session in [.create, ProbeIdentity.session].compactMap({ $0 }) {
            context.session = session
            try signAndCheck(request.identity, in: context)
        }
    }

    /// Signs a made-up customer and checks the result as the vendor would.
    ///
    /// Called when a connection is loaded: vendors fail silently, so a faulty configuration has to show before the first
    /// customer.
    ///
    /// - Throws: ``SignetError`` with the reason, in words for the operator.
    package func probe(at time: NumericDate = .now) throws(SignetError) {
        let identity = Identity.customer(try probeCustomer())
        var context = SigningContext(time: time, route: "signet-probe", session: ProbeIdentity.session)
        try signAndCheck(identity, in: context)
        guard needsSession else { return }
        context.session = .create
        do {
            try signAndCheck(identity, in: context)
        } catch {
            // A connection whose page creates the sessions has no such token.
            if !error.isFault(SigningFault.sessionRequired) { throw error }
        }
    }

    /// A made-up customer who has every value that this connection sends.
    package func probeCustomer() throws(SignetError) -> Customer {
        do {
            return try ProbeIdentity.customer(for: values)
        } catch {
            throw SignetError(SigningFault.failed, error.reason)
        }
    }

    private func signAndCheck(_ identity: Identity, in context: SigningContext) throws(SignetError) {
        let signed = try signer.sign(identity, in: context)
        let report = signer.verify(
            signed.token.compact, in: VerificationContext(time: context.time, session: context.session))
        if let failure = report.failure {
            throw SignetError(
                SigningFault.failed, "\(name) signs a token that its own vendor would refuse: \(failure.detail)")
        }
    }
}

/// A made-up customer for the trial of a signer.
package enum ProbeIdentity {
    /// The session of a probe, for vendors that bind tokens to a session.
    package static let session: SessionPurpose? = (try? SessionID("signet-probe")).map(SessionPurpose.existing)

    /// A customer who has every value that `values` asks for.
    package static func customer(for values: [MappedValue]) throws(SignetError) -> Customer {
        var attributes: [String: String] = [:]
        for case .attribute(let name)? in values.map(\.source) { attributes[name] = "signet probe" }
        return try Customer(
            subject: "signet-probe", email: "probe@signet.invalid", name: "Signet Probe", phone: "+10000000000",
            attributes: attributes)
    }
}
