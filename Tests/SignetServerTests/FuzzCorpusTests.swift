import SignetTestSupport
import Testing

/// Runs each input of the corpora of `make fuzz` once.
@Suite(.onThreads, .serialized) struct FuzzCorpusTests {
    @Test(arguments: names(in: "http-head"))
    func splitHeadIsParsedAsWhole(_ name: String) throws {
        #expect(HTTPHeadFuzz.fault(in: try Fixtures.bytes("fuzz/http-head/\(name)")) == nil)
    }

    @Test(arguments: names(in: "http-client"))
    func clientStateIsSound(_ name: String) throws {
        #expect(HTTPClientFuzz.fault(in: try Fixtures.bytes("fuzz/http-client/\(name)")) == nil)
    }

    @Test(arguments: ["http-head", "http-client"])
    func corpusHasInputs(_ target: String) {
        #expect(Self.names(in: target).count > 20)
    }

    private static func names(in target: String) -> [String] {
        Fixtures.names(in: "fuzz/\(target)", endings: [""])
    }
}
