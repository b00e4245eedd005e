import SignetTestSupport
import Testing

@testable import SignetServer

/// A connection as a state machine: whatever happens in whatever order, what ``ScriptedConnection`` checks holds.
@Suite(.onThreads) struct ConnectionStateTests {
    /// Every order of three events of all kinds.
    @Test(arguments: Alphabet.all.indices)
    func everyOrderOfThreeEvents(first: Int) {
        Self.tryAll(Alphabet.all, startingWith: first, length: 3)
    }

    /// Every order of five events of those that differ most.
    @Test(arguments: Alphabet.few.indices)
    func everyOrderOfFiveEvents(first: Int) {
        Self.tryAll(Alphabet.few, startingWith: first, length: 5)
    }

    /// 20,000 sequences of 40 events.
    @Test(arguments: 0..<20)
    func randomOrders(seed: Int) {
        var random = SeededGenerator(UInt64(seed))
        for _ in 0..<1_000 {
            let connection = ScriptedConnection(Alphabet.kind(&random))
            for _ in 0..<40 where !connection.isClosed { connection.perform(Alphabet.event(&random)) }
            connection.finish()
            guard Self.expectSound(connection) else { return }
        }
    }

    /// Tries all sequences that begin with one event, and lets each come to its end.
    private static func tryAll(_ alphabet: [ScriptedEvent], startingWith first: Int, length: Int) {
        let readings = ReadingCache()
        var order = [first] + Array(repeating: 0, count: length - 1)
        while order[0] == first {
            let connection = ScriptedConnection(readings: readings)
            var place = 0
            while place < length, !connection.isClosed, connection.canMatter(alphabet[order[place]]) {
                connection.perform(alphabet[order[place]])
                place += 1
            }
            // What follows an event that cannot matter, or the close, makes no difference.
            if connection.isClosed { place -= 1 } else if place == length { place = length - 1 }
            connection.finish()
            guard expectSound(connection) else { return }
            for later in order.indices.dropFirst(place + 1) { order[later] = 0 }
            while place > 0, order[place] == alphabet.count - 1 {
                order[place] = 0
                place -= 1
            }
            order[place] += 1
        }
    }

    private static func expectSound(_ connection: ScriptedConnection) -> Bool {
        if connection.faults.isEmpty, connection.isClosed { return true }
        Issue.record("\(connection.faults)\n\(connection.events.map { "\($0)" }.joined(separator: "\n"))")
        return false
    }
}

/// The events that are put in order.
private enum Alphabet {
    private static func bytes(_ text: String) -> ScriptedEvent { .sends(Array(text.utf8)) }
    /// A request that must never reach the handler.
    private static let smuggled = get("/smuggled")

    static let whole = bytes(get("/"))
    static let later = bytes(get("/w"))
    static let half = bytes("GET /half HTTP/1.1\r\nHo")
    static let rest = bytes("st: x\r\n\r\n")
    static let head = bytes("POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    static let body = bytes("hello")
    static let pipelined = bytes(get("/1") + get("/w") + get("/2"))
    static let last = bytes(get("/w", "Connection: close\r\n") + smuggled)
    static let malformed = bytes("HEAD /x HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n" + smuggled)
    static let chunks = bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3")
    static let lastChunks = bytes("\r\nllo\r\n0\r\n\r\n" + get("/after"))

    /// Those that differ most.
    static let few: [ScriptedEvent] = [
        pipelined, half, rest, head, body, .takes(.room(100)), .takes(.blocked), .writable, .replies, .deadline,
        .drains,
        .ends,
    ]

    /// One of each kind.
    static let all: [ScriptedEvent] =
        few + [
            whole, later, last, malformed, chunks, lastChunks,
            bytes((0..<40).map { get("/\($0)") }.joined()),
            bytes("GET /old HTTP/1.0\r\n\r\n" + smuggled),
            bytes("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), bytes(get("/m") + get("/n") + get("/u") + get("/f")),
            bytes(get("/b")), bytes("POST /w HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
            bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello"), bytes("\r\n"),
            bytes("\u{16}\u{3}\u{1}"), .takes(.all), .takes(.pieces(30)), .takes(.broken), .breaks, .hangsUp, .readable,
            .leaves, .crosses, .repliesAgain, .repliesLate, .stalls(milliseconds: 3_000), .works, .expires,
            .fills(left: 0), .fills(left: 1), .retires,
        ]

    static func kind(_ random: inout SeededGenerator) -> ScriptedStream.Kind {
        var kind = ScriptedStream.Kind()
        if Int.random(in: 0..<4, using: &random) == 0 {
            kind.hasRecords = true
            kind.handshake = (0..<Int.random(in: 0...2, using: &random)).map { _ in .blocked }
            if Int.random(in: 0..<8, using: &random) == 0 {
                kind.handshake?.append([.failed, .wrongProtocol].randomElement(using: &random) ?? .failed)
            }
        }
        kind.readingLimit = [Int.max, 1_000, 20, 1].randomElement(using: &random) ?? 1
        return kind
    }

    static func event(_ random: inout SeededGenerator) -> ScriptedEvent {
        // Most of the time the connection shall live on.
        let isFatal: Set = ["ends", "breaks", "hangsUp", "takes broken", "expires", "drains"]
        while true {
            let event = all.randomElement(using: &random) ?? .readable
            if isFatal.contains("\(event)"), Int.random(in: 0..<8, using: &random) > 0 { continue }
            return event
        }
    }
}
