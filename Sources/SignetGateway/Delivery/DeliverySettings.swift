import SignetConfiguration
import SignetRouting

/// How much time, how many tries and how many calls at once a vendor gets: `delivery` in the configuration.
public struct DeliverySettings: Sendable, Equatable {
    /// Until there is a connection, in milliseconds, TLS included.
    public var connect: Int64
    /// For one try, in milliseconds, the connection included.
    public var call: Int64
    /// For all calls and tries of one request together, pauses included, in milliseconds.
    public var total: Int64
    /// How often one call is tried, at most.
    public var attempts: Int
    /// How many calls of one connection are under way at once, at most.
    public var perConnection: Int

    /// The defaults of a configuration.
    public static let standard = GatewaySettings.DeliveryTimes.standard

    /// Makes settings; what is left out is as in a configuration that leaves it out.
    public init(
        connect: Int64 = standard.connect, call: Int64 = standard.call, total: Int64 = standard.total,
        attempts: Int = standard.attempts, perConnection: Int = standard.perConnection
    ) {
        self.connect = connect
        self.call = call
        self.total = total
        self.attempts = attempts
        self.perConnection = perConnection
    }
}
