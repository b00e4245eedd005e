import SignetTestSupport
import Testing

@testable import SignetServer

/// The checks of ``ScriptedClient`` hold after any sequence of events.
@Suite(.onThreads) struct ClientStateTests {
    /// Every order of three events of all kinds.
    @Test(arguments: Alphabet.all.indices)
    func everyOrderOfThreeEventsIsSound(first: Int) {
        Self.tryAll(Alphabet.all, startingWith: first, length: 3)
    }

    /// Every order of five of the most different events.
    @Test(arguments: Alphabet.few.indices)
    func everyOrderOfFiveEventsIsSound(first: Int) {
        Self.tryAll(Alphabet.few, startingWith: first, length: 5)
    }

    /// 20,000 sequences of 40 events.
    @Test(arguments: 0..<20)
    func randomOrdersAreSound(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<1_000 {
            let client = ScriptedClient(Alphabet.kind(&random))
            for _ in 0..<40 where !client.isClosed { client.perform(Alphabet.event(&random)) }
            client.finish()
            guard Self.expectSound(client) else { return }
        }
    }

    /// Sequences that were once faulty, and are too long or too rare for the other tests.
    @Test(arguments: Alphabet.found.keys.sorted())
    func formerlyFaultyOrderIsSound(name: String) throws {
        let (kind, events) = try #require(Alphabet.found[name])
        let client = ScriptedClient(kind)
        for event in events { client.perform(event) }
        client.finish()
        _ = Self.expectSound(client)
    }

    /// Tries all sequences that begin with one event, and runs each to its end.
    private static func tryAll(_ alphabet: [ScriptedEvent], startingWith first: Int, length: Int) {
        var order = [first] + Array(repeating: 0, count: length - 1)
        while order[0] == first {
            let client = ScriptedClient()
            var place = 0
            while place < length, !client.isClosed, client.canMatter(alphabet[order[place]]) {
                client.perform(alphabet[order[place]])
                place += 1
            }
            // Later events make no difference after the close, or after an event without effect.
            if client.isClosed { place -= 1 } else if place == length { place = length - 1 }
            client.finish()
            guard expectSound(client) else { return }
            for later in order.indices.dropFirst(place + 1) { order[later] = 0 }
            while place > 0, order[place] == alphabet.count - 1 {
                order[place] = 0
                place -= 1
            }
            order[place] += 1
        }
    }

    private static func expectSound(_ client: ScriptedClient) -> Bool {
        if client.faults.isEmpty, client.isClosed { return true }
        let events = client.events.map { "\($0)" }.joined(separator: "\n")
        Issue.record("\(client.faults)\n\(client.stream.kind)\n\(events)")
        return false
    }
}

/// The events of the sequences.
private enum Alphabet {
    private static func bytes(_ text: String) -> ScriptedEvent { .sends(Array(text.utf8)) }
    /// A request that must never reach the handler.
    private static let smuggled = get("/smuggled")

    /// The most different events.
    static let few: [ScriptedEvent] = [
        bytes(get("/1") + get("/w") + get("/2")), bytes("GET /half HTTP/1.1\r\nHo"), bytes("st: x\r\n\r\n"),
        bytes("POST /m HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"), bytes("hello"),
        .takes(.room(100)), .writable, .replies, .deadline,
    ]

    /// One of each kind.
    static let all: [ScriptedEvent] =
        few + [
            bytes("POST /w HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
            bytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello"),
            bytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3"),
            bytes("\r\nllo\r\n0\r\n\r\n" + get("/after")), pipelined,
            bytes(get("/w", "Connection: close\r\n") + smuggled), bytes("GET /old HTTP/1.0\r\n\r\n" + smuggled),
            bytes("HEAD /x HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n" + smuggled), bytes(get("/b")),
            bytes(get("/m") + get("/n") + get("/u") + get("/f")), bytes("\u{16}\u{3}\u{1}"), .takes(.blocked),
            .takes(.broken), .ends, .breaks, .readable, .leaves, .waitsForOpposite, .repliesAgain,
            .stalls(milliseconds: 3_000),
            .works, .drains, .expires, .fills(left: 0), .fills(left: 1), .replacesCertificate,
        ]

    /// Events that make a difference only in longer sequences.
    private static let more: [ScriptedEvent] = [
        bytes(get("/")), bytes("HEAD /wm HTTP/1.1\r\nHost: x\r\n\r\n"), bytes("\r\n"), bytes("\r"), .takes(.all),
        .takes(.pieces(30)), .repliesLate, .hangsUp, .passes(milliseconds: 900),
    ]

    private static let plain = ScriptedStream.Kind()
    private static let tls = ScriptedStream.Kind(handshake: [], hasRecords: true)
    private static let pipelined = bytes((0..<40).map { get("/\($0)") }.joined())
    static let found: [String: (ScriptedStream.Kind, [ScriptedEvent])] = [
        "a stall while a header comes": (
            plain,
            [bytes("GET / HTTP"), .stalls(milliseconds: 3_000), bytes("/1.1\r\nHost: x\r\n"), .deadline]
        ),
        "a drain during an answer": (
            plain, [.takes(.blocked), bytes(get("/")), .drains, .takes(.all), .writable]
        ),
        "a drain between two turns": (plain, [bytes(get("/b")), .drains, .works]),
        "a drain during a handshake": (tls, [.drains, bytes(get("/"))]),
        "a handshake that ends after the drain began": (tls, [.drains, .readable]),
        "a deadline between two turns": (plain, [pipelined, .deadline]),
        "100 that is taken late": (
            plain,
            [
                bytes("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"), .takes(.blocked),
                .passes(milliseconds: 4_900), bytes("Content-Length: 5\r\n\r\n"), .passes(milliseconds: 9_900),
                .takes(.all), .writable, .deadline,
            ]
        ),
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
        // Most events do not close the socket.
        let isFatal = Int.random(in: 0..<16, using: &random) == 0
        return (isFatal ? fatal : lively).randomElement(using: &random) ?? .readable
    }

    private static let fatal: [ScriptedEvent] = [.ends, .breaks, .hangsUp, .takes(.broken), .drains, .expires]
    private static let lively = (all + more).filter { !fatal.contains($0) }
}
