import SignetGateway
import SignetJOSE
import SignetSystem
import Synchronization

/// Why a request or a connection was refused or cut. The list is closed: nothing that a client sends becomes a label.
package enum Refusal: String, CaseIterable, Sendable {
    /// Not proper HTTP, or too large.
    case framing
    /// Deadlines.
    case firstByte = "first-byte-deadline"
    case head = "header-deadline"
    case body = "body-deadline"
    case request = "request-deadline"
    case answer = "answer-deadline"
    /// The limits on connections from one address, and on memory.
    case address = "address-limit"
    case memory = "memory-limit"
    /// TLS that failed or took too long, and bytes of TLS on a port without it or the other way round.
    case handshake = "tls-handshake"
    case wrongProtocol = "wrong-protocol"

    fileprivate static let deadlines: [Refusal] = [.firstByte, .head, .body, .answer]
}

/// What a server has counted since it was started.
package struct ServerStatistics: Sendable {
    /// The connections that are open now.
    package var openConnections: Int
    /// The connections accepted.
    package var acceptedConnections: Int
    /// How often what was refused or cut.
    package var refusals: [Refusal: Int]
    /// How long the turns of the threads took.
    package var turns: Histogram

    /// The requests that were refused because they were not proper HTTP, or too large.
    package var refusedRequests: Int { refusals[.framing] ?? 0 }
    /// The requests that took too long to come, or whose answers took too long to go.
    package var cutConnections: Int { Refusal.deadlines.reduce(0) { $0 + (refusals[$1] ?? 0) } }
    /// The requests whose own time was over before their answer.
    package var abandonedReplies: Int { refusals[.request] ?? 0 }
}

extension ServerStatistics {
    /// Writes the families of the server (docs/metrics.md).
    package func write(to text: inout PrometheusText) {
        text.family("signet_connections_open", .gauge, "Connections of callers that are open.")
        text.sample("signet_connections_open", [], openConnections)
        text.family("signet_connections_total", .counter, "Connections of callers that were accepted.")
        text.sample("signet_connections_total", [], acceptedConnections)
        text.family(
            "signet_http_refusals_total", .counter,
            "Requests and connections that the server refused or cut, by reason.")
        for refusal in Refusal.allCases {
            text.sample("signet_http_refusals_total", [("reason", refusal.rawValue)], refusals[refusal] ?? 0)
        }
        text.family(
            "signet_turn_duration_seconds", .histogram, "One turn of a serving thread: all that was ready at one time.")
        text.samples("signet_turn_duration_seconds", [], turns)
    }
}

/// The numbers behind ``ServerStatistics``.
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
            openConnections: open.load(ordering: .relaxed), acceptedConnections: accepted.load(ordering: .relaxed),
            refusals: refusals.withLock { $0 }, turns: turns.withLock { $0 })
    }
}

extension Atomic where Value == Int {
    /// Adds, where nothing else depends on the order.
    func count(_ amount: Int = 1) {
        wrappingAdd(amount, ordering: .relaxed)
    }
}
