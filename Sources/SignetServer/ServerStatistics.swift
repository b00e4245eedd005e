import SignetGateway
import SignetJOSE
import SignetSystem
import Synchronization

/// Why a request or a client was refused or cut off. The list is closed: nothing that a client sends becomes a label.
package enum Refusal: String, CaseIterable, Sendable {
    /// Not valid HTTP, or too large.
    case framing
    /// A deadline passed.
    case firstByte = "first-byte-deadline"
    case head = "header-deadline"
    case body = "body-deadline"
    case request = "request-deadline"
    case answer = "answer-deadline"
    /// A limit was reached: clients from one address, memory.
    case address = "address-limit"
    case memory = "memory-limit"
    /// TLS failed or took too long; TLS on a port without TLS, or the reverse.
    case handshake = "tls-handshake"
    case wrongProtocol = "wrong-protocol"

    fileprivate static let deadlines: [Refusal] = [.firstByte, .head, .body, .answer]
}

/// The numbers that a server has counted since its start.
package struct ServerStatistics: Sendable {
    /// The clients whose sockets are open.
    package var openClients: Int
    /// The clients that were accepted.
    package var acceptedClients: Int
    /// The refusals by reason.
    package var refusals: [Refusal: Int]
    /// The durations of the workers' turns.
    package var turns: Histogram

    /// The requests that were refused because they were not valid HTTP, or too large.
    package var refusedRequests: Int { refusals[.framing] ?? 0 }
    /// The clients that sent a request or took an answer too slowly.
    package var cutClients: Int { Refusal.deadlines.reduce(0) { $0 + (refusals[$1] ?? 0) } }
    /// The requests whose time ended before their answer.
    package var abandonedReplies: Int { refusals[.request] ?? 0 }
}

extension ServerStatistics {
    /// Writes the server's metrics (docs/metrics.md).
    package func write(to text: inout PrometheusText) {
        text.family("signet_connections_open", .gauge, "Open sockets of callers.")
        text.sample("signet_connections_open", [], openClients)
        text.family("signet_connections_total", .counter, "Accepted sockets of callers.")
        text.sample("signet_connections_total", [], acceptedClients)
        text.family(
            "signet_http_refusals_total", .counter,
            "Requests and sockets that the server refused or cut off, by reason.")
        for refusal in Refusal.allCases {
            text.sample("signet_http_refusals_total", [("reason", refusal.rawValue)], refusals[refusal] ?? 0)
        }
        text.family(
            "signet_turn_duration_seconds", .histogram,
            "One turn of a worker thread: all events that were ready at one time.")
        text.samples("signet_turn_duration_seconds", [], turns)
    }
}

/// The counters behind ``ServerStatistics``.
final class ServerCounters: Sendable {
    let open = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    private let refusals = Lock<[Refusal: Int]>([:])
    private let turns = Lock(Histogram([10, 25, 50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000].map { $0 * 1_000 }))

    func count(_ refusal: Refusal) {
        refusals.withLock { $0[refusal, default: 0] += 1 }
    }

    func turnTook(nanoseconds: UInt64) {
        turns.withLock { $0.observe(nanoseconds) }
    }

    var statistics: ServerStatistics {
        ServerStatistics(
            openClients: open.load(ordering: .relaxed), acceptedClients: accepted.load(ordering: .relaxed),
            refusals: refusals.withLock { $0 }, turns: turns.withLock { $0 })
    }
}

extension Atomic where Value == Int {
    /// Adds; no other memory depends on the order.
    func count(_ amount: Int = 1) {
        wrappingAdd(amount, ordering: .relaxed)
    }
}
