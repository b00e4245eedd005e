import SignetServer
import SignetTestSupport
import Testing

/// A head of any kind and size gets one answer, and the server goes on.
///
/// libmicrohttpd kept heads and answers in one pool. At some sizes there was no room for the answer, and it was never sent.
@Suite(.onThreads) struct HeadSizeTests {
    /// A kind of head with a variable number of parts.
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case arguments, emptyArguments, assignments, target
        case fields, emptyFields, field, fieldName, blanks, cookie, cookies
        case argumentsAndFields, targetAndField, argumentsAndCookie, everything

        var testDescription: String { rawValue }

        func head(_ count: Int) -> Head {
            func times(_ text: String) -> String { String(repeating: text, count: count) }
            return switch self {
            case .arguments: Head("/.well-known/jwks.json?" + times("a&"))
            case .emptyArguments: Head("/?" + times("&"))
            case .assignments: Head("/?" + times("a=b&"))
            case .target: Head("/" + times("a"))
            case .fields: Head("/", ("X: y", count))
            case .emptyFields: Head("/", ("X:", count))
            case .field: Head("/", ("X: " + times("a"), 1))
            case .fieldName: Head("/", (times("X") + ": y", 1))
            case .blanks: Head("/", ("X:" + times(" ") + "y", 1))
            case .cookie: Head("/", ("Cookie: " + times("a=b; "), 1))
            case .cookies: Head("/", ("Cookie: a=b", count))
            case .argumentsAndFields: Head("/?" + times("a&"), ("X: y", count))
            case .targetAndField: Head("/" + times("a"), ("X: " + times("a"), 1))
            case .argumentsAndCookie: Head("/?" + times("a&"), ("Cookie: " + times("a=b; "), 1))
            case .everything: Head("/" + times("a") + "?" + times("b&"), ("X: y", count), ("Cookie: a=b", count))
            }
        }

        /// The numbers of parts for heads from 1 byte to 1 MiB.
        var counts: [Int] {
            let part = head(2).size - head(1).size
            var sizes = (0...20).flatMap { [1 << $0, (3 << $0) / 2] }.filter { $0 <= 1 << 20 }
            // Near the limits of a line and of a head, for any length of the other bytes.
            for limit in [8_192, 32_768] { sizes += (-60...4).map { limit + $0 } }
            // At these numbers libmicrohttpd had no memory left for the answer.
            let killers = Array(446...453) + Array(490...499) + [32_500 / part]
            return Set(sizes.map { $0 / part } + killers).filter { $0 > 0 }.sorted()
        }
    }

    /// A target, and field lines that are repeated.
    struct Head {
        let text: String
        /// The lengths of the request line, of each field line and of the whole head, with line ends.
        let lines: [Int]
        let size: Int

        init(_ target: String, _ fields: (line: String, times: Int)...) {
            text = get(target, fields.map { String(repeating: $0.line + "\r\n", count: $0.times) }.joined())
            lines = ["GET \(target) HTTP/1.1\r\n".utf8.count] + fields.map { $0.line.utf8.count + 2 }
            size = text.utf8.count
        }

        /// The status by the limits: 8,192 bytes for a line and 32,768 for a head.
        var status: Int {
            if lines[0] > 8_192 { return 414 }
            return size > 32_768 || lines.contains { $0 > 8_192 } ? 431 : 200
        }
    }

    @Test(.serialized, arguments: Kind.allCases, Transport.allCases)
    func headOfAnySizeGetsOneAnswer(_ kind: Kind, over transport: Transport) throws {
        let running = try RunningServer(over: transport)
        var delivered = 0
        for count in kind.counts {
            let head = kind.head(count)
            let client = try running.client()
            client.send(head.text)
            let response = try #require(client.response(), "\(count): no answer")
            #expect(response.status == head.status, "\(count)")
            #expect(response.rest == [], "\(count)")
            if response.status == 200 {
                #expect(client.ask(get("/still"))?.status == 200, "\(count)")
                delivered += 2
            } else {
                #expect(response.headers["connection"] == "close", "\(count)")
                #expect(client.receiveAll() == [], "\(count)")
            }
        }
        #expect(try running.ask(get("/still"))?.status == 200)
        // The handler got no other request.
        #expect(running.handler.targets.count == delivered + 1)
        #expect(running.server.statistics.cutClients == 0)
    }

    /// The sizes are on both sides of the limits.
    @Test(arguments: Kind.allCases) func sizesCrossLimits(_ kind: Kind) {
        let heads = kind.counts.map(kind.head)
        #expect(heads.contains { $0.status == 200 })
        #expect(heads.contains { $0.status != 200 })
        #expect(heads.contains { $0.size > 1_000_000 })
    }
}
