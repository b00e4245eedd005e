import SignetServer
import SignetTestSupport
import Testing

/// Bytes without sense: 10,000 streams, after which the server still answers.
@Suite(.onThreads) struct HostileStreamTests {
    private static let requests = FramingCase.all.map(\.bytes).filter { $0.count < 3_000 }

    @Test func outlivesRandomStreams() async throws {
        var limits = ServerLimits()
        // So that what is not whole ends soon.
        limits.header = 400
        limits.body = 400
        let running = try RunningServer(limits: limits)
        let odd = await withTaskGroup(of: [String].self) { group in
            for part in 0..<20 { group.addTask { Self.streams(500, seed: UInt64(part), to: running) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(odd == [])
        #expect(try running.ask(get("/still"))?.status == 200)
        #expect(eventually { running.server.statistics.openConnections == 0 })
        #expect(running.server.statistics.acceptedConnections >= 10_000)
    }

    /// Sends streams, and gives what no server should say to them.
    private static func streams(_ count: Int, seed: UInt64, to running: RunningServer) -> [String] {
        var random = SeededGenerator(seed &+ 1_000)
        var odd: [String] = []
        for _ in 0..<count {
            let stream = stream(&random)
            guard let client = try? running.client() else { return odd + ["no connection"] }
            client.send(stream)
            client.finishSending()
            // Some leave without listening.
            if Int.random(in: 0..<4, using: &random) == 0 { continue }
            guard let answer = client.receiveAll(within: 10_000) else {
                odd.append("open after \(String(decoding: stream, as: UTF8.self).debugDescription)")
                continue
            }
            // A client of TLS gets an alert of TLS.
            if answer.isEmpty || stream.first == 0x16 && answer.first == 0x15 { continue }
            if !answer.starts(with: "HTTP/1.".utf8) { odd.append("answer \(answer) to \(stream)") }
        }
        return odd
    }

    private static func stream(_ random: inout SeededGenerator) -> [UInt8] {
        let length = Int.random(in: 0...400, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 {
            return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var bytes = requests.randomElement(using: &random) ?? []
        let separators = Array("\r\n :\t,;\0\u{1}0a/%".utf8)
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] = separators.randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(separators.randomElement(using: &random) ?? 0, at: place)
            default:
                let end = Int.random(in: place...bytes.count, using: &random)
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random))
            }
        }
        return bytes
    }
}
