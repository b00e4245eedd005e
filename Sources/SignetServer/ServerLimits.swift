import SignetJOSE
import SignetSystem

/// How long and how much a server puts up with. All times are in milliseconds.
///
/// The limits of a request are hard: a byte now and then does not move them. A stall of the server itself is not the client's time.
package struct ServerLimits: Sendable, Equatable {
    /// From the accepted connection to the end of its TLS handshake.
    package var handshake: Int64 = 5_000
    /// From the accepted connection, or its handshake, to the first byte of the first request.
    package var firstByte: Int64 = 10_000
    /// From the first byte of a request to the end of its header. What takes longer is answered with 408.
    package var header: Int64 = 5_000
    /// From the end of the header to the end of the body. What takes longer is answered with 408.
    package var body: Int64 = 10_000
    /// From the first byte of a request to the beginning of its answer, with all waiting for vendors.
    package var request: Int64 = 30_000
    /// For how long a client may take no byte of an answer; it begins again with each 256 KiB that are taken.
    package var answer: Int64 = 10_000
    /// How long a connection is kept without a request. Longer than the 60 seconds for which nginx keeps one, so that it is nginx
    /// that lets go.
    package var idle: Int64 = 75_000
    /// For how long a client may send nothing after the last answer before the connection is closed; in all it has twice that.
    package var linger: Int64 = 1_000
    /// How long to wait that the last answers go out before the server stops.
    package var farewell: Int64 = 1_000
    /// The most connections at once.
    package var connections = DescriptorLimit.connections
    /// The most connections at once from one address, where the addresses are those of clients. An IPv6 address counts by its first
    /// 64 bits.
    package var connectionsPerAddress = 256
    /// How many bytes requests that are not whole may take in all.
    package var memory = 64 << 20
    /// The threads that read and write.
    package var threads = ServerLimits.processors

    package init() {}
}
