import SignetServer
import SignetTestSupport
import Testing

/// The server answers 10,000 random and mutated streams properly, and goes on.
@Suite(.onThreads) struct HostileStreamTests {
    private static let requests = FramingCase.all.map(\.bytes).filter { $0.count < 3_000 }

    @Test func randomStreamsGetProperAnswers() async throws {
        var limits = ServerLimits()
        limits.header = 400
        limits.body = 400
        let running = try RunningServer(limits: limits)
        let odd = await withTaskGroup(of: [String].self) { group in
            for part in 0..<20 { group.addTask { Self.streams(500, seed: UInt64(part), to: running) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(odd == [])
        #expect(try running.ask(get("/still"))?.status == 200)
        #expect(eventually { running.server.statistics.openClients == 0 })
        #expect(running.server.statistics.acceptedClients >= 10_000)
    }

    /// Sends streams, and returns the improper results.
    private static func streams(_ count: Int, seed: UInt64, to running: RunningServer) -> [String] {
        var random = SeededGenerator(seed: seed &+ 1_000)
        var odd: [String] = []
        for _ in 0..<count {
            let stream = stream(&random)
            guard let client = try? running.client() else { return odd + ["no socket"] }
            client.send(stream)
            client.finishSending()
            // Some clients leave before their answer.
            if Int.random(in: 0..<4, using: &random) == 0 { continue }
            guard let answer = client.receiveAll() else {
                odd.append("open after \(String(decoding: stream, as: UTF8.self).debugDescription)")
                continue
            }
            // A TLS client gets a TLS alert.
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
