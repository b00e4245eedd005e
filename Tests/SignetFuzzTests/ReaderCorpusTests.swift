import SignetTestSupport
import Testing

/// The corpora of `make fuzz` for what reads bytes, each input once.
@Suite struct ReaderCorpusTests {
    private static let targets: [String: @Sendable ([UInt8]) -> String?] = [
        "token": TokenFuzz.fault, "json": JSONFuzz.fault, "pem": PEMFuzz.fault, "jwk": JWKFuzz.fault,
        "configuration": ConfigurationFuzz.fault,
    ]

    @Test(arguments: targets.keys.sorted())
    func everyInputHoldsWhatItsTargetChecks(_ target: String) throws {
        let fault = try #require(Self.targets[target])
        let names = Fixtures.names(in: "fuzz/\(target)", endings: [""])
        #expect(names.count > 20)
        for name in names {
            #expect(fault(try Fixtures.bytes("fuzz/\(target)/\(name)")) == nil, "\(target)/\(name)")
        }
    }
}
