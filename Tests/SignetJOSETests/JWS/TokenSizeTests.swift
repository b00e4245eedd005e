import SignetJOSE
import Testing

@Suite struct TokenSizeTests {
    /// The payload length of a token with exactly 16,384 characters under the header `{"alg":"HS256"}`.
    ///
    /// 20 characters of header, 43 of signature and two dots leave 16,319 characters, the encoding of 12,239 bytes.
    static let fitting = 12_239

    let key: SigningKey

    init() throws {
        key = .hs256(try Forge.hs256())
    }

    @Test func tokenOf16KiBIsSignedAndRead() throws {
        let token = try CompactJWSSigner(key: key).sign([UInt8](repeating: 0x61, count: Self.fitting))
        #expect(token.utf8.count == 16_384)
        #expect(token.utf8.count == JWSError.maximumTokenLength)
        try verify(token, with: key.verificationKey)
    }

    @Test func tokenOver16KiBIsNotSigned() throws {
        let payload = [UInt8](repeating: 0x61, count: Self.fitting + 1)
        #expect(throws: JWSError.tooLarge) { try CompactJWSSigner(key: key).sign(payload) }
        #expect(throws: JWSError.tooLarge) {
            try CompactJWSSigner(key: key).sign { $0.string(String(repeating: "a", count: Self.fitting)) }
        }
    }

    @Test(arguments: [1, 2, 3, 100_000, 3_000_000])
    func tokenOver16KiBIsNotRead(excess: Int) throws {
        let payload = String(repeating: "a", count: Self.fitting + excess)
        let token = try Forge.token(header: #"{"alg":"HS256"}"#, payload: payload, key: key)
        #expect(refusal(of: token, with: key.verificationKey) == .tooLarge)
        #expect(throws: JWSError.tooLarge) { try CompactJWS(parsing: Array(token.utf8)) }
    }

    /// A token that is too large is not split into segments.
    @Test func sizeIsCheckedFirst() {
        let dots = String(repeating: ".", count: 16 * 1024 + 1)
        #expect(throws: JWSError.tooLarge) { try CompactJWS(parsing: dots) }
    }

    @Test func hugeKeyIDIsRefusedWhenSigning() throws {
        let key = try Forge.hs256(keyID: String(repeating: "k", count: 20_000))
        #expect(throws: JWSError.tooLarge) { try CompactJWSSigner(key: .hs256(key)).sign([]) }
        #expect(try !CompactJWSSigner(key: .hs256(key), includesKeyID: false).sign([]).isEmpty)
    }

    @Test func errorHasTheCodeOfTheContract() {
        #expect(JWSError.tooLarge.code == "token-too-large")
    }
}
