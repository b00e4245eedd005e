@testable import SignetServer

/// The fuzz target `http-client`: the checks of ``ScriptedClient`` hold after any sequence of events.
///
/// The first byte of an input chooses the kind of stream. The client sends the bytes up to 0x7F. A byte from 0x80 on is an event;
/// the client's next bytes arrive after it. The byte after 0xFF is always one of the client's.
enum HTTPClientFuzz {
    /// The fault, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let client = ScriptedClient(kind(first))
        var bytes: [UInt8] = []
        var rest = input.dropFirst().makeIterator()
        while let byte = rest.next(), !client.isClosed, client.faults.isEmpty {
            if byte < 0x80 {
                bytes.append(byte)
            } else if byte == 0xff {
                bytes.append(rest.next() ?? byte)
            } else {
                if !bytes.isEmpty { client.perform(.sends(bytes)) }
                bytes = []
                client.perform(events[Int(byte & 0x7f) % events.count])
            }
        }
        if !bytes.isEmpty { client.perform(.sends(bytes)) }
        client.finish()
        guard client.faults.isEmpty else {
            return ([client.faults.joined(separator: ", ")] + client.events.map { "  \($0)" })
                .joined(separator: "\n")
        }
        return nil
    }

    private static func kind(_ byte: UInt8) -> ScriptedStream.Kind {
        ScriptedStream.Kind(
            handshake: [nil, nil, nil, nil, [], [.blocked], [.failed], [.wrongProtocol]][Int(byte & 7)],
            readingLimit: [Int.max, 1_000, 20, 1][Int(byte >> 3 & 3)], hasRecords: byte & 0x20 != 0)
    }

    /// The events from 0x80 on. New ones go to the end, so that the corpus keeps its meaning.
    private static let events: [ScriptedEvent] = [
        .readable, .writable, .ends, .breaks, .hangsUp, .leaves, .waitsForOpposite, .takes(.all), .takes(.pieces(30)),
        .takes(.room(100)), .takes(.blocked), .takes(.broken), .replies, .repliesAgain, .repliesLate, .deadline,
        .passes(milliseconds: 1_000), .stalls(milliseconds: 3_000), .works, .drains, .expires, .fills(left: 0),
        .fills(left: 1), .replacesCertificate,
    ]
}
