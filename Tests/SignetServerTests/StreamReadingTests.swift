import SignetGateway
import SignetTestSupport
import Testing

@testable import SignetServer

/// The table of `Fixtures/http/framing.json` without a socket: the result does not depend on how a stream is split.
@Suite(.onThreads, .serialized) struct StreamReadingTests {
    @Test(arguments: FramingCase.all.filter { $0.bytes.count < 600 })
    func splitStreamIsParsedAsWhole(_ example: FramingCase) {
        let whole = StreamReading(example.bytes)
        if example.kind != .silent {
            #expect(whole.requests.map(\.request.target) == example.asked)
            #expect(whole.fault.map { "\($0)" } == (example.kind == .refused ? example.fault : nil))
        }
        for cut in 1..<max(2, example.bytes.count) {
            let pieces = StreamReading(example.bytes, pieces: [cut, example.bytes.count])
            guard whole == pieces else {
                Issue.record("split after \(cut) bytes")
                return
            }
        }
    }

    @Test(arguments: FramingCase.all.filter { $0.bytes.count < 600 }, [Int.max, 1])
    func splitStreamIsAnsweredAsWhole(_ example: FramingCase, of length: Int) {
        let client = ScriptedClient(ScriptedStream.Kind(readingLimit: length))
        client.perform(.sends(example.bytes))
        client.finish()
        #expect(client.faults == [])
        #expect(client.handler.account.requests.map(\.target) == example.asked)
        if let bodies = example.bodies { #expect(client.handler.account.requests.map(\.body) == bodies) }
        if example.kind != .silent {
            #expect(client.handler.account.answers.last { $0.role != .late }?.status == example.status)
        }
    }
}
