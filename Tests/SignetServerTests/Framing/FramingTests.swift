import SignetGateway
import SignetTestSupport
import Testing

@testable import SignetServer

/// The table of `Fixtures/http/framing.json`, each case in one piece.
///
/// Cases that wait for no deadline run one after another: a thousand servers at once would delay the tests of deadlines.
@Suite(.onThreads) struct FramingTests {
    @Test(.serialized, arguments: FramingCase.all(.accepted), Transport.allCases)
    func acceptedCaseReachesHandler(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport) { $0.send($1) }
    }

    @Test(.serialized, arguments: FramingCase.all(.refused), Transport.allCases)
    func refusedCaseGetsOneAnswer(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport) { $0.send($1) }
    }

    @Test(arguments: FramingCase.all(.timedOut), Transport.allCases)
    func incompleteCaseGets408AtDeadline(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport) { $0.send($1) }
    }

    @Test(arguments: FramingCase.all(.silent), Transport.allCases)
    func silentCaseIsClosedWithoutAnswer(_ example: FramingCase, over transport: Transport) throws {
        try example.check(over: transport) { $0.send($1) }
    }

    /// The host was compared with the target.
    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x:8480\r\n\r\n", "x:8480"), ("GET / HTTP/1.1\r\nHost: \t X \r\n\r\n", "X"),
        ("GET http://x:80/ HTTP/1.1\r\nHost: X\r\n\r\n", "X"), ("GET / HTTP/1.0\r\nHost: x\r\n\r\n", "x"),
        ("GET http://x:8480/ HTTP/1.0\r\nHost: x:8480\r\n\r\n", "x:8480"), ("GET / HTTP/1.0\r\n\r\n", nil),
    ])
    func handlerGetsValidatedHost(_ request: String, host: String?) throws {
        let running = try RunningServer()
        #expect(try running.ask(request)?.status == 200)
        #expect(running.handler.requests.map(\.host) == [host])
    }

    // MARK: The table itself

    @Test func everyFaultHasACase() {
        let found = Set(FramingCase.all.compactMap(\.fault))
        #expect(FramingFault.allCases.map { "\($0)" }.filter { !found.contains($0) } == [])
    }

    @Test func tableAgreesWithFaults() {
        let statuses = Dictionary(uniqueKeysWithValues: FramingFault.allCases.map { ("\($0)", $0.status) })
        for example in FramingCase.all {
            let status = example.kind == .refused ? example.status : nil
            #expect(example.fault.flatMap { statuses[$0] } == status, "\(example.name)")
            #expect(!example.reason.isEmpty, "\(example.name)")
            #expect(!example.asked.contains("/smuggled"), "\(example.name)")
        }
        #expect(Set(FramingCase.all.map(\.name)).count == FramingCase.all.count)
    }
}
