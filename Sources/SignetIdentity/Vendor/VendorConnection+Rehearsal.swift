import SignetSystem

extension VendorConnection {
    /// Signs what a request would have signed here and checks it as the vendor would; nobody is called and nothing is kept.
    ///
    /// - Throws: ``SignetError``: what the identity lacks, or ``SigningFault/failed`` for what the vendor would refuse.
    package func rehearse(_ request: SigningRequest, requestID: String, route: String) throws(SignetError) {
        let context = SigningContext(requestID: requestID, route: route)
        guard let delivering = signer as? any BackendDelivering else {
            // A stranger gets the widget alone.
            if request.identity != .anonymous { try rehearse(request.identity, context) }
            return
        }
        // A page that defers asks again, and is answered then.
        var page = request.page
        page?.isDeferred = false
        let delivery = try delivering.delivery(
            of: DeliveryOrder(request.identity, context: context, sessionID: request.sessionID, page: page))
        guard case .calls = delivery, request.identity != .anonymous else { return }
        for session in [SessionPurpose.create, ProbeIdentity.session].compactMap({ $0 }) {
            var context = context
            context.session = session
            try rehearse(request.identity, context)
        }
    }

    private func rehearse(_ identity: Identity, _ context: SigningContext) throws(SignetError) {
        let signed = try signer.sign(identity, in: context)
        let report = signer.verify(
            signed.token.compact, in: VerificationContext(time: context.time, session: context.session))
        if let failure = report.failure {
            throw SignetError(SigningFault.failed, "\(name) signs what its own vendor would refuse: \(failure.detail)")
        }
    }

    /// What of a customer is sent here and not there, in the order in which it is sent.
    package func sources(unseenBy other: VendorConnection) -> [Source] {
        let seen = Set(other.values.compactMap(\.source))
        var sources: [Source] = []
        for source in values.compactMap(\.source)
        where source.pointer != nil && !seen.contains(source) && !sources.contains(source) {
            sources.append(source)
        }
        return sources
    }
}

extension Source {
    /// Whether a customer has it.
    package func isPresent(in customer: Customer) -> Bool {
        switch self {
        case .subject: true
        case .email: customer.email != nil
        case .name: customer.name != nil
        case .phone: customer.phone != nil
        case .attribute(let name): customer.attributes[name] != nil
        case .issuedAt, .requestID, .route: false
        }
    }
}
