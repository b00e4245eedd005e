import SignetGateway
import SignetServer
import SignetTestSupport
import Testing

/// The result does not depend on how the bytes are split.
@Suite(.onThreads) struct FragmentTests {
    @Test(.serialized, arguments: FramingCase.short(.accepted), Transport.allCases)
    func acceptedCaseByteByByteReachesHandler(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport, sending: Self.sendByteByByte)
    }

    @Test(.serialized, arguments: FramingCase.short(.refused), Transport.allCases)
    func refusedCaseByteByByteGetsOneAnswer(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport, sending: Self.sendByteByByte)
    }

    @Test(arguments: FramingCase.short(.timedOut), Transport.allCases)
    func incompleteCaseByteByByteGets408(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport, sending: Self.sendByteByByte)
    }

    /// The server may close the socket before the last byte.
    private static func sendByteByByte(_ client: RawClient, _ bytes: [UInt8]) {
        for byte in bytes where !client.send([byte]) { return }
    }

    /// 3,000 valid requests on kept sockets, split at random places.
    @Test(arguments: 0..<3, Transport.allCases)
    func randomlySplitRequestsAreAccepted(seed: Int, over transport: Transport) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let running = try RunningServer(over: transport)
        let client = try running.client()
        var bodies: [[UInt8]] = []
        for number in 0..<500 {
            let request = Self.request(number, &random)
            var rest = request.bytes[...]
            while !rest.isEmpty {
                let count = Bool.random(using: &random) ? rest.count : Int.random(in: 1...rest.count, using: &random)
                client.send(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            let text = String(decoding: request.bytes, as: UTF8.self)
            let response = try #require(client.response(toHead: request.isHead), "\(text)")
            #expect(response.status == 200, "\(text)")
            #expect(response.rest.isEmpty)
            bodies.append(Array(request.body.utf8.prefix(GatewayRequest.maximumBodyLength + 1)))
        }
        #expect(running.handler.targets == (0..<500).map { "/\($0)?q=%2\($0)" })
        #expect(running.handler.bodies == bodies)
        #expect(running.server.statistics.refusedRequests == 0)
        #expect(running.server.statistics.acceptedClients == 1)
    }

    private static func request(
        _ number: Int, _ random: inout SeededGenerator
    ) -> (bytes: [UInt8], body: String, isHead: Bool) {
        let method = ["GET", "POST", "HEAD", "PUT", "DELETE"].randomElement(using: &random) ?? "GET"
        let blanks = ["", " ", "\t ", "   "]
        var fields = ["Host:\(blanks.randomElement(using: &random) ?? "")signet.example:8480"]
        func add(_ name: String) {
            let length = Int.random(in: 0...40, using: &random)
            let value = (0..<length).map { _ in "abc XYZ:;,=\"\t\\".randomElement(using: &random) ?? "a" }
            fields.append("\(name):\(blanks.randomElement(using: &random) ?? "")\(String(value))")
        }
        for field in 0..<Int.random(in: 0...60, using: &random) {
            add(["X-\(field)", "X_Y", "Accept", "Cookie"].randomElement(using: &random) ?? "X")
        }
        // A repetition of these would be refused.
        for name in ["content-type", "Authorization", "ORIGIN", "Sec-Fetch-Site"] where Bool.random(using: &random) {
            add(name)
        }
        var body = ""
        var framed = ""
        switch Int.random(in: 0...2, using: &random) {
        case 0: break
        case 1:
            body = String(repeating: "b", count: Int.random(in: 0...20_000, using: &random))
            framed = body
            fields.append("Content-Length:\(blanks.randomElement(using: &random) ?? "")\(body.utf8.count) \t")
        default:
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let chunk = String(repeating: "c", count: Int.random(in: 1...5_000, using: &random))
                body += chunk
                framed += "\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n"
            }
            framed += "0\r\n\r\n"
            fields.append("Transfer-Encoding:\(blanks.randomElement(using: &random) ?? "")chunked\t ")
        }
        fields.shuffle(using: &random)
        let head = "\(method) /\(number)?q=%2\(number) HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        return (Array((head + framed).utf8), body, method == "HEAD")
    }
}
