import SignetTestSupport
import Testing

/// The corpora of `make fuzz`, each input once.
@Suite(.onThreads, .serialized) struct FuzzCorpusTests {
    @Test(arguments: names(in: "http-head"))
    func headIsReadAlikeInAllPieces(_ name: String) throws {
        #expect(HTTPHeadFuzz.fault(in: try Fixtures.bytes("fuzz/http-head/\(name)")) == nil)
    }

    @Test(arguments: names(in: "http-connection"))
    func connectionIsSound(_ name: String) throws {
        #expect(HTTPConnectionFuzz.fault(in: try Fixtures.bytes("fuzz/http-connection/\(name)")) == nil)
    }

    @Test(arguments: ["http-head", "http-connection"])
    func corpusIsThere(_ target: String) {
        #expect(Self.names(in: target).count > 20)
    }

    private static func names(in target: String) -> [String] {
        Fixtures.names(in: "fuzz/\(target)", endings: [""])
    }
}
