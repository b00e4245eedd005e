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
        connections = schedule.periods.map { period in period.key.flatMap { made[$0] } ?? first.withoutSigning }
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
