import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct ES256SigningTests {
    @Test func eightThreadsSignWithOneKey() throws {
        let key = SigningKey.es256(try Forge.es256())
        let signer = CompactJWSSigner(key: key)
        let wrong = failures(onThreads: 8) { thread in
            (0..<150).allSatisfy { number in
                let payload = Array("\(thread) \(number)".utf8)
                guard let token = try? signer.sign(payload) else { return false }
                return refusal(of: token, with: key.verificationKey) == nil
                    && (try? CompactJWS(parsing: token).payload) == payload
            }
        }
        #expect(wrong == 0)
    }

    /// One in 256 numbers starts with a zero byte, which DER omits and JWS keeps.
    @Test func shortNumbersArePadded() throws {
        let key = SigningKey.es256(try Forge.es256())
        let signer = CompactJWSSigner(key: key)
        var short = 0
        for number in 0..<1_500 {
            let token = try CompactJWS(parsing: try signer.sign(Array("\(number)".utf8)))
            if token.signature[0] == 0 || token.signature[32] == 0 { short += 1 }
            #expect(token.signature.count == 64)
            try token.verify(with: key.verificationKey)
        }
        #expect(short > 0)
    }

    @Test(
        arguments: [
            // r and s of one byte; r of 33 bytes with its zero; both of 32.
            ([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x7F], 1, 0x7F),
            ([0x30, 0x07, 0x02, 0x02, 0x00, 0x80, 0x02, 0x01, 0x02], 0x80, 2),
        ] as [([UInt8], UInt8, UInt8)])
    func derSignatureIsConverted(der: [UInt8], r: UInt8, s: UInt8) {
        var raw = [UInt8](repeating: 0xAA, count: 64)
        let done = der.withUnsafeBytes { der in raw.withUnsafeMutableBytes { ECDSASignature.copy(der: der, into: $0) } }
        #expect(done)
        let zeros = [UInt8](repeating: 0, count: 31)
        #expect(raw == zeros + [r] + zeros + [s])
    }

    @Test(
        arguments: [
            [], [0x30], [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01], [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
            [0x30, 0x06, 0x02, 0x01, 0x01, 0x03, 0x01, 0x01], [0x30, 0x06, 0x02, 0x02, 0x01, 0x02, 0x01, 0x01],
            [0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00], [0x30, 0x06, 0x02, 0x7F, 0x01, 0x02, 0x01, 0x01],
            [0x30, 0x06, 0x02, 0x00, 0x02, 0x02, 0x01, 0x01],
            [0x30, 0x25, 0x02, 0x21, 0x01] + [UInt8](repeating: 1, count: 34),
        ] as [[UInt8]])
    func invalidDERSignatureIsNotConverted(der: [UInt8]) {
        var raw = [UInt8](repeating: 0, count: 64)
        #expect(
            !der.withUnsafeBytes { der in raw.withUnsafeMutableBytes { ECDSASignature.copy(der: der, into: $0) } })
    }

    /// Any bytes: no write out of bounds and no crash.
    @Test func randomDERIsHandled() {
        var generator = SeededGenerator(seed: 0x5167_6E65_7405)
        for _ in 0..<20_000 {
            var der = generator.bytes(Int.random(in: 0...80, using: &generator))
            if der.count > 4 { der.replaceSubrange(0..<3, with: [0x30, UInt8(der.count - 2), 0x02]) }
            var raw = [UInt8](repeating: 0, count: 64)
            _ = der.withUnsafeBytes { der in raw.withUnsafeMutableBytes { ECDSASignature.copy(der: der, into: $0) } }
        }
    }

    @Test func rawSignatureRoundTripsThroughDER() throws {
        let key = SigningKey.es256(try Forge.es256())
        for number in 0..<300 {
            let signature = try Forge.signature(over: "\(number)", key: key)
            let der = try #require(ECDSASignature.der(raw: signature))
            #expect(ECDSASignature.looksLikeDER(der))
            var raw = [UInt8](repeating: 0, count: 64)
            #expect(
                der.withUnsafeBytes { der in raw.withUnsafeMutableBytes { ECDSASignature.copy(der: der, into: $0) } })
            #expect(raw == signature)
        }
        #expect(ECDSASignature.der(raw: [UInt8](repeating: 0, count: 64)) == nil)
        #expect(ECDSASignature.der(raw: [UInt8](repeating: 1, count: 63)) == nil)
    }
}
