@testable import SignetServer

/// The fuzz target `http-connection`: whatever happens to a connection, what ``ScriptedConnection`` checks holds.
///
/// The first byte of an input says what kind of stream it is. Bytes up to 0x7F are what the client sends; from 0x80 on each is an
/// event, after which the client's next bytes come in a piece of their own. 0xFF sends the byte after it as it is.
enum HTTPConnectionFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let connection = ScriptedConnection(kind(first))
        var bytes: [UInt8] = []
        var rest = input.dropFirst().makeIterator()
        while let byte = rest.next(), !connection.isClosed, connection.faults.isEmpty {
            if byte < 0x80 {
                bytes.append(byte)
            } else if byte == 0xff {
                bytes.append(rest.next() ?? byte)
            } else {
                if !bytes.isEmpty { connection.perform(.sends(bytes)) }
                bytes = []
                connection.perform(events[Int(byte & 0x7f) % events.count])
            }
        }
        if !bytes.isEmpty { connection.perform(.sends(bytes)) }
        connection.finish()
        guard connection.faults.isEmpty else {
            return ([connection.faults.joined(separator: ", ")] + connection.events.map { "  \($0)" })
                .joined(separator: "\n")
        }
        return nil
    }

    private static func kind(_ byte: UInt8) -> ScriptedStream.Kind {
        ScriptedStream.Kind(
            handshake: [nil, nil, nil, nil, [], [.blocked], [.failed], [.wrongProtocol]][Int(byte & 7)],
            readingLimit: [Int.max, 1_000, 20, 1][Int(byte >> 3 & 3)], hasRecords: byte & 0x20 != 0)
    }

    /// From 0x80 on. New ones come at the end, so that the corpus keeps its meaning.
    private static let events: [ScriptedEvent] = [
        .readable, .writable, .ends, .breaks, .hangsUp, .leaves, .crosses, .takes(.all), .takes(.pieces(30)),
        .takes(.room(100)), .takes(.blocked), .takes(.broken), .replies, .repliesAgain, .repliesLate, .deadline,
        .passes(milliseconds: 1_000), .stalls(milliseconds: 3_000), .works, .drains, .expires, .fills(left: 0),
        .fills(left: 1), .retires,
    ]
}
