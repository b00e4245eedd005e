import SignetIdentity
import SignetSystem

/// A connection whose signing key changes with time. All its keys verify at all times.
///
/// It is made once for all of its keys. A change of keys reads nothing and waits for nothing.
public struct ScheduledConnection: Sendable {
    /// The connection's name.
    public let name: String
    /// The vendor's name.
    public let vendor: String
    /// Which key signs when; nil for a connection that never changes.
    public let schedule: SigningSchedule?
    /// One for each period of the schedule.
    private let connections: [VendorConnection]

    /// A connection that never changes.
    public init(_ connection: VendorConnection) {
        name = connection.name
        vendor = connection.vendor
        schedule = nil
        connections = [connection]
    }

    /// A connection whose signing key changes with time.
    ///
    /// - Parameters:
    ///   - keys: The keys with their windows, the preferred first. Their windows decide which of them signs.
    ///   - connect: Makes the connection with one key that signs. Called once for each key that ever signs.
    public init<Failure: Error>(
        _ keys: ConnectionKeys, connect: (ConnectionKeys) throws(Failure) -> VendorConnection
    ) throws(Failure) {
        let schedule = SigningSchedule(keys.all)
        let first = try connect(keys)
        var made = [keys.signing.name: first]
        for key in keys.all where made[key.name] == nil && schedule.periods.contains(where: { $0.key == key.name }) {
            let others = keys.all.filter { $0.name != key.name }
            made[key.name] = try connect(ConnectionKeys(signing: key, others: others))
        }
        name = first.name
        vendor = first.vendor
        self.schedule = schedule
        connections = schedule.periods.map { period in period.key.flatMap { made[$0] } ?? first.verifyingOnly }
    }

    /// The connection at a moment. Where no key signs, it only verifies: signing throws ``SigningFault/noKey``.
    public func connection(at time: NumericDate) -> VendorConnection {
        guard connections.count > 1, let schedule else { return connections[0] }
        return connections[schedule.index(at: time)]
    }

    /// The connections of all periods in which a key signs.
    package var signing: [VendorConnection] {
        zip(connections, schedule?.periods.map { $0.key != nil } ?? [true]).filter(\.1).map(\.0)
    }
}

// MARK: Periods without a key

extension VendorConnection {
    /// The same connection in a period in which no key signs.
    fileprivate var verifyingOnly: VendorConnection {
        let verifying = VerifyingSigner(connection: name, signer: signer)
        let deliverer = (signer as? any BackendDelivering).map { VerifyingDeliverer(verifying: verifying, signer: $0) }
        return VendorConnection(
            name: name, vendor: vendor, signer: deliverer ?? verifying as any IdentitySigner, widget: widget,
            values: values)
    }
}

/// A signer that verifies and does not sign.
private struct VerifyingSigner: IdentitySigner {
    let connection: String
    let signer: any IdentitySigner

    var refusal: SignetError {
        SignetError(
            SigningFault.noKey, "no key of connection \"\(connection)\" signs at this moment",
            hint: "see \"notBefore\" and \"notAfter\" of its keys, or run signet check")
    }

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        // A faulty request is faulty at any time, and that comes first. The signed identity is dropped.
        _ = try signer.sign(identity, in: context)
        throw refusal
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        signer.verify(token, in: context)
    }
}

/// The same for a vendor that has to be called.
private struct VerifyingDeliverer: BackendDelivering {
    let verifying: VerifyingSigner
    let signer: any BackendDelivering

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        try verifying.sign(identity, in: context)
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        signer.verify(token, in: context)
    }

    func delivery(of order: DeliveryOrder) throws(SignetError) -> Delivery {
        let delivery = try signer.delivery(of: order)
        guard case .calls = delivery else { return delivery }
        throw verifying.refusal
    }
}
