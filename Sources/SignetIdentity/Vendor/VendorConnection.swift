import SignetJOSE
import SignetSystem

/// One configured account or widget at a vendor. It signs what its signer prepares.
public struct VendorConnection: Sendable {
    /// The connection's name.
    public let name: String
    /// The vendor's name.
    public let vendor: String
    /// Prepares and checks.
    let signer: any IdentitySigner
    /// The keys.
    public let keys: ConnectionKeys
    /// The members that the page needs to load the widget.
    public let widget: Widget
    /// All values that are sent, for the list of attributes that the vendor gets.
    public let values: [MappedValue]
    /// The key that signs, with the token's header.
    private let jws: CompactJWSSigner
    /// Whether a key signs at this time.
    private var isSigning = true

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - type: The header's `typ`; nil for a header without one.
    ///   - includesKeyID: Whether the header names the key's `kid`, if the key has one.
    public init(
        name: String, vendor: String, signer: any IdentitySigner, keys: ConnectionKeys, type: String? = "JWT",
        includesKeyID: Bool = true, widget: Widget, values: [MappedValue]
    ) {
        self.name = name
        self.vendor = vendor
        self.signer = signer
        self.keys = keys
        self.widget = widget
        self.values = values
        jws = CompactJWSSigner(key: keys.signing.key, type: type, includesKeyID: includesKeyID)
    }

    // MARK: Signing

    /// Signs `identity` with the connection's key.
    ///
    /// - Throws: ``SignetError``: what ``IdentitySigner/prepare(_:in:into:)`` throws, ``SigningFault/tokenTooLarge`` for a token
    ///   over 16 KiB, ``SigningFault/noKey`` if no key signs at this time.
    public func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        try prepare(identity, in: context) { unsigned, payload throws(SignetError) -> SignedIdentity in
            try requireKey()
            let token: String
            do throws(JWSError) {
                token = try jws.sign(payload)
            } catch {
                throw SignetError(error)
            }
            return SignedIdentity(
                vendor: vendor, connection: name, key: keys.signing.name, token: unsigned.token(token),
                issuedAt: context.time, expiresAt: unsigned.expiresAt)
        }
    }

    func prepare<Result>(
        _ identity: Identity, in context: SigningContext,
        use: (UnsignedIdentity, UnsafeRawBufferPointer) throws(SignetError) -> Result
    ) throws(SignetError) -> Result {
        var unsigned: UnsignedIdentity?
        var result: Result?
        try PayloadWriter.withBytes(
            writing: { payload throws(SignetError) in
                unsigned = try signer.prepare(identity, in: context, into: &payload)
                if !payload.isComplete { unsigned = nil }
            },
            use: { bytes throws(SignetError) in
                if let unsigned { result = try use(unsigned, bytes) }
            })
        guard let result else {
            throw SignetError(SigningFault.failed, "\(name) prepared a payload that is not one JSON value")
        }
        return result
    }

    private func requireKey() throws(SignetError) {
        guard !isSigning else { return }
        throw SignetError(
            SigningFault.noKey, "no key of connection \"\(name)\" signs at this moment",
            hint: "see \"notBefore\" and \"notAfter\" of its keys, or run signet check")
    }

    /// The same connection at a time at which no key signs. It verifies, and refuses to sign.
    package var withoutSigning: VendorConnection {
        var connection = self
        connection.isSigning = false
        return connection
    }

    /// Whether the vendor binds its tokens to a session, so that signing and verifying need one.
    public var needsSession: Bool {
        do {
            try prepare(.anonymous, in: SigningContext()) { _, _ in }
            return false
        } catch {
            return error.isFault(SigningFault.sessionRequired)
        }
    }

    // MARK: Verification

    /// Checks a token as the vendor's own server would, check by check. Any text can be passed as a token.
    public func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        var report = VerificationReport()
        if let payload = report.checkJWS(token, with: keys.verification) {
            signer.check(payload, in: context, into: &report)
        }
        return report
    }

    // MARK: Delivery

    /// Whether the vendor has to be called before the page gets its badge.
    public var isDelivering: Bool { signer is any BackendDelivering }

    /// The badge, or the calls that lead to it; nil if the vendor is not called. Nothing is signed and no call is made yet.
    ///
    /// - Throws: What ``BackendDelivering/delivery(of:in:)`` throws; ``SigningFault/noKey`` if no key signs at this time.
    public func delivery(of request: SigningRequest, in context: SigningContext) throws(SignetError) -> Delivery? {
        guard let delivering = signer as? any BackendDelivering else { return nil }
        let delivery = try delivering.delivery(of: request, in: context)
        if case .calls = delivery { try requireKey() }
        return delivery
    }

    // MARK: Dry runs

    /// Prepares a request and checks the content as the vendor would. Nothing is signed, and no vendor is called.
    ///
    /// - Parameter checksContent: False for very many requests: what is prepared for one customer passes the check that
    ///   ``probe(at:)`` made, or none does.
    /// - Throws: ``SignetError`` if the identity lacks a value, or ``SigningFault/failed`` if the vendor would refuse the token.
    package func dryRun(
        _ request: SigningRequest, in context: SigningContext, checksContent: Bool = true
    ) throws(SignetError) {
        var (request, context) = (request, context)
        // A page that defers asks again later, and is answered in full then.
        request.page?.isDeferred = false
        let delivery = try delivery(of: request, in: context)
        // Nothing is signed for an anonymous visitor.
        guard request.identity != .anonymous else { return }
        let known = (request.sessionID ?? request.page?.sessionID).map(SessionPurpose.existing)
        switch delivery {
        case .badge: return
        case .calls:
            // The contents of the calls are prepared already.
            guard checksContent else { return }
            for session in known.map({ [$0] }) ?? [.create, ProbeIdentity.session].compactMap({ $0 }) {
                context.session = session
                try check(request.identity, in: context, checksContent)
            }
        case nil:
            context.session = known
            do {
                try check(request.identity, in: context, checksContent)
            } catch {
                guard known == nil, error.isFault(SigningFault.sessionRequired) else { throw error }
                context.session = .create
                try check(request.identity, in: context, checksContent)
            }
            try requireKey()
        }
    }

    private func check(
        _ identity: Identity, in context: SigningContext, _ checksContent: Bool
    ) throws(SignetError) {
        try prepare(identity, in: context) { _, bytes throws(SignetError) in
            do throws(JWSError) {
                try jws.check(payloadLength: bytes.count)
            } catch {
                throw SignetError(error)
            }
            guard checksContent else { return }
            let payload: JSONValue
            do throws(JSONError) {
                payload = try JSONReader.value(Array(bytes))
            } catch {
                throw SignetError(SigningFault.failed, "\(name) prepared a payload that is not JSON: \(error.reason)")
            }
            var report = VerificationReport()
            report.show(header: jws.header, payload: payload)
            signer.check(payload, in: VerificationContext(time: context.time, session: context.session), into: &report)
            try refuse(report)
        }
    }

    /// How long a token of a customer is valid, in seconds; nil for one that does not expire.
    package func tokenLifetime() throws(SignetError) -> Int64? {
        try requireKey()
        let context = SigningContext(
            route: ProbeIdentity.route, session: needsSession ? ProbeIdentity.session : nil)
        return try prepare(.customer(try probeCustomer()), in: context) { unsigned, _ in
            unsigned.expiresAt.map { $0.seconds - context.time.seconds }
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
        for session in needsSession ? [ProbeIdentity.session, .create] : [nil] {
            let signed: SignedIdentity
            do {
                signed = try sign(
                    identity, in: SigningContext(time: time, route: ProbeIdentity.route, session: session))
            } catch {
                // A connection whose page creates the sessions has no token for creating one.
                if session == .create, error.isFault(SigningFault.sessionRequired) { continue }
                throw error
            }
            try refuse(verify(signed.token.compact, in: VerificationContext(time: time, session: session)))
        }
    }

    private func refuse(_ report: VerificationReport) throws(SignetError) {
        guard let failure = report.failure else { return }
        throw SignetError(
            SigningFault.failed, "\(name) signs a token that its own vendor would refuse: \(failure.detail)")
    }

    /// A made-up customer who has every value that this connection sends.
    package func probeCustomer() throws(SignetError) -> Customer {
        do {
            return try ProbeIdentity.customer(for: values)
        } catch {
            throw SignetError(SigningFault.failed, error.reason)
        }
    }

    // MARK: Badges

    /// The badge of a signed identity; nil if its token has to stay on the backend.
    public func badge(for signed: SignedIdentity) -> Badge? {
        guard case .browser(let token) = signed.token else { return nil }
        return Badge(token, on: widget)
    }

    /// The customer's values that this connection sends and `other` does not, in the order in which they are sent.
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

/// A made-up customer for the trial of a signer.
package enum ProbeIdentity {
    /// The session of a probe, for vendors that bind tokens to a session.
    package static let session: SessionPurpose? = (try? SessionID("signet-probe")).map(SessionPurpose.existing)

    /// The route of a probe.
    static let route = "signet-probe"

    /// A customer who has every value that `values` asks for.
    package static func customer(for values: [MappedValue]) throws(SignetError) -> Customer {
        var attributes: [String: String] = [:]
        for case .attribute(let name)? in values.map(\.source) { attributes[name] = "signet probe" }
        return try Customer(
            subject: "signet-probe", email: "probe@signet.invalid", name: "Signet Probe", phone: "+10000000000",
            attributes: attributes)
    }
}
