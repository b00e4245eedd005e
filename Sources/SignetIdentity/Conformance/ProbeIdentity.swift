import SignetSystem

/// A made-up customer with which signers are tried when they are loaded.
package enum ProbeIdentity {
    /// The session that a probe is signed for, with vendors that bind tokens to one.
    package static let session: SessionPurpose? = (try? SessionID("signet-probe")).map(SessionPurpose.existing)

    /// A customer who has everything that `values` may ask for.
    package static func customer(for values: [MappedValue]) throws(SignetError) -> Customer {
        var attributes: [String: String] = [:]
        for case .attribute(let name)? in values.map(\.source) { attributes[name] = "signet probe" }
        return try Customer(
            subject: "signet-probe", email: "probe@signet.invalid", name: "Signet Probe", phone: "+10000000000",
            attributes: attributes)
    }
}

extension VendorConnection {
    /// Signs a made-up customer and checks the result as the vendor would.
    ///
    /// Done when a connection is loaded: vendors fail silently, so what cannot work has to show before a customer comes.
    ///
    /// - Throws: ``SignetError`` with the reason, in words fit for the operator.
    package func probe(at time: NumericDate = .now) throws(SignetError) {
        let identity = Identity.customer(try probeCustomer())
        try probe(identity, for: ProbeIdentity.session, at: time)
        guard needsSession else { return }
        do {
            try probe(identity, for: .create, at: time)
        } catch {
            // A connection whose page makes the sessions says so, and has nothing to try.
            if !error.isFault(SigningFault.sessionRequired) { throw error }
        }
    }

    /// A made-up customer who has everything that is sent.
    package func probeCustomer() throws(SignetError) -> Customer {
        do {
            return try ProbeIdentity.customer(for: values)
        } catch {
            throw SignetError(SigningFault.failed, error.reason)
        }
    }

    private func probe(
        _ identity: Identity, for session: SessionPurpose?, at time: NumericDate
    ) throws(SignetError) {
        let context = SigningContext(time: time, route: "signet-probe", session: session)
        let signed = try signer.sign(identity, in: context)
        let report = signer.verify(signed.token.compact, in: VerificationContext(time: time, session: session))
        if let failure = report.failure {
            throw SignetError(SigningFault.failed, "\(name) signs what its own vendor would refuse: \(failure.detail)")
        }
    }
}
