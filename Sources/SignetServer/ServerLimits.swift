import SignetGateway

/// How long and how much a server puts up with.
///
/// The three ceilings of a request are hard: a byte now and then does not move them, and what is over is cut without an answer.
package struct ServerLimits: Sendable, Equatable {
    /// From the accepted connection, or a later request line, to the end of the header, in milliseconds.
    package var header: Int64 = 5_000
    /// From the end of the header to the end of the body, in milliseconds.
    package var body: Int64 = 10_000
    /// From the accepted connection, or a later request line, to the last byte of the answer, in milliseconds.
    package var request: Int64 = 30_000
    /// How long a connection is kept without a request, in milliseconds. A later request line falls under it, since its first
    /// bytes cannot be seen. Longer than the 60 seconds for which nginx keeps one, so that it is nginx that lets go.
    package var idle: Int64 = 75_000
    /// How long a daemon with a replaced certificate may take to finish, in milliseconds.
    package var retirement: Int64 = 30_000
    /// How long to wait that the last answers go out before the server stops, in milliseconds.
    package var farewell: Int64 = 1_000
    /// The most connections at once.
    package var connections = DescriptorLimit.connections
    /// The most connections at once from one address, where the addresses are those of clients.
    package var connectionsPerAddress = 256
    /// The threads that read and write.
    package var threads = ServerLimits.processors

    package init() {}

    /// How often the deadlines are looked at, in milliseconds: an eighth of the shortest, so that none is off by much.
    var tick: Int64 { min(100, max(10, min(header, body, request, idle) / 8)) }
}
