import SignetServer
import Testing

/// Proper requests, however they arrive.
@Suite(.onThreads) struct FragmentTests {
    @Test(arguments: FramingCase.all(.accepted).filter { $0.bytes.count < 600 })
    func acceptsByteByByte(_ example: FramingCase) throws {
        let running = try RunningServer()
        let client = try running.client()
        for byte in example.bytes where !client.send([byte]) { break }
        let asked = example.asked ?? ["/"]
        var bytes: [UInt8] = []
        while Response.all(in: bytes).count < asked.count, let piece = client.receive(), !piece.isEmpty {
            bytes += piece
        }
        #expect(Response.all(in: bytes).map(\.status) == asked.map { _ in 200 })
        #expect(running.handler.targets == asked)
    }

    /// None of 3,000 proper requests on kept connections is refused, wherever the pieces are cut.
    @Test(arguments: 0..<6)
    func acceptsRandomPieces(seed: Int) throws {
        var random = SeededGenerator(UInt64(seed))
        let running = try RunningServer()
        let client = try running.client()
        for number in 0..<500 {
            let (request, isHead) = Self.request(number, &random)
            var rest = request[...]
            while !rest.isEmpty {
                let count = Bool.random(using: &random) ? rest.count : Int.random(in: 1...rest.count, using: &random)
                client.send(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            let response = try #require(client.response(toHead: isHead), "\(String(decoding: request, as: UTF8.self))")
            #expect(response.status == 200, "\(String(decoding: request, as: UTF8.self))")
            #expect(response.rest.isEmpty)
        }
        #expect(running.handler.targets == (0..<500).map { "/\($0)?q=%2\($0)" })
        #expect(running.server.statistics.refusedRequests == 0)
        #expect(running.server.statistics.acceptedConnections == 1)
    }

    private static func request(_ number: Int, _ random: inout SeededGenerator) -> (bytes: [UInt8], isHead: Bool) {
        let method = ["GET", "POST", "HEAD", "PUT", "DELETE"].randomElement(using: &random) ?? "GET"
        let blanks = ["", " ", "\t ", "   "]
        var fields = ["Host:\(blanks.randomElement(using: &random) ?? "")signet.example:8480"]
        for field in 0..<Int.random(in: 0...60, using: &random) {
            let length = Int.random(in: 0...40, using: &random)
            let value = (0..<length).map { _ in "abc XYZ:;,=\"\t\\".randomElement(using: &random) ?? "a" }
            let name = ["X-\(field)", "Accept", "content-type", "Authorization"].randomElement(using: &random) ?? "X"
            fields.append("\(name):\(blanks.randomElement(using: &random) ?? "")\(String(value))")
        }
        // What makes no sense in a cookie the library refuses by itself.
        if Bool.random(using: &random) { fields.append("Cookie: a=b; c=\"d e\"; f=\(number)") }
        var body = ""
        switch Int.random(in: 0...2, using: &random) {
        case 0: break
        case 1:
            body = String(repeating: "b", count: Int.random(in: 0...20_000, using: &random))
            fields.append("Content-Length: \(body.utf8.count)")
        default:
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let length = Int.random(in: 1...5_000, using: &random)
                body += "\(String(length, radix: 16))\r\n\(String(repeating: "c", count: length))\r\n"
            }
            body += "0\r\n\r\n"
            fields.append("Transfer-Encoding: chunked")
        }
        fields.shuffle(using: &random)
        let head = "\(method) /\(number)?q=%2\(number) HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        return (Array((head + body).utf8), method == "HEAD")
    }
}
