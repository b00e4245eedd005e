import SignetIdentity

/// A connection through time: it signs with the key whose time it is, and verifies with all of them.
///
/// Made once, for all of its keys; changing from one to the next reads nothing and waits for nobody.
public struct ScheduledConnection: Sendable {
    /// The connection's name.
    public let name: String
    /// The vendor's name.
    public let vendor: String
    /// Which key signs when; nil for a connection that was made without saying.
    public let schedule: SigningSchedule?
    /// One for each period.
    private let connections: [VendorConnection]

    /// A connection that is the same at all times.
    public init(_ connection: VendorConnection) {
        name = connection.name
        vendor = connection.vendor
        schedule = nil
        connections = [connection]
    }

    /// A connection whose keys sign one after another.
    ///
    /// - Parameters:
    ///   - keys: The keys with their windows, in the order in which they are preferred. The order is all that counts: which of them
    ///     signs is for their windows to say.
    ///   - connect: Makes the connection with one of them signing; called once for each that ever does.
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
        var connections: [VendorConnection] = []
        for period in schedule.periods {
            connections.append(period.key.flatMap { made[$0] } ?? first.resting)
        }
        name = first.name
        vendor = first.vendor
        self.schedule = schedule
        self.connections = connections
    }

    /// The connection as it is at a moment. Where no key signs, it only verifies: signing is a ``SigningFault/noKey``.
    public func connection(at time: NumericDate) -> VendorConnection {
        guard connections.count > 1, let schedule else { return connections[0] }
        return connections[schedule.index(at: time)]
    }

    /// Every connection of it that signs at some time.
    package var signing: [VendorConnection] {
        zip(connections, schedule?.periods.map { $0.key != nil } ?? [true]).filter(\.1).map(\.0)
    }
}
