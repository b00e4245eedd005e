import SignetJOSE
import Testing

@Suite struct SignatureRefusalTests {
    /// The order of P-256's group (FIPS 186-4 D.1.2.3).
    static let order = bytes(hexadecimal: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    static let orderPlusOne: [UInt8] = order.dropLast() + [0x52]
    static let orderLessOne: [UInt8] = order.dropLast() + [0x50]
    static let zero = [UInt8](repeating: 0, count: 32)
    static let one: [UInt8] = zero.dropLast() + [1]
    static let all = [UInt8](repeating: 0xFF, count: 32)

    let key: SigningKey
    let token: String
    let signature: [UInt8]

    init() throws {
        key = .es256(try Forge.es256())
        token = try Forge.token(header: #"{"alg":"ES256"}"#, key: key)
        signature = try CompactJWS(parsing: token).signature
    }

    private func refusal(_ signature: some Collection<UInt8>) -> JWSError? {
        let token = Forge.replacingSignature(of: token, by: Array(signature))
        return SignetJOSETests.refusal(of: token, with: key.verificationKey)
    }

    @Test func validSignatureIsAccepted() {
        #expect(refusal(signature) == nil)
    }

    @Test(arguments: [0, 1, 32, 63, 65, 96, 128])
    func signatureOfWrongLengthIsRefused(length: Int) {
        let cut = signature.prefix(length) + [UInt8](repeating: 0, count: max(0, length - 64))
        #expect(refusal(cut) == .signatureLength(.es256, found: length))
    }

    /// Covers r and s with and without a leading zero byte, which DER adds if the first bit is set.
    @Test func derSignatureIsRefusedByName() throws {
        for number in 0..<32 {
            let token = try Forge.token(header: #"{"alg":"ES256"}"#, payload: "\(number)", key: key)
            let der = Self.der(try CompactJWS(parsing: token).signature)
            let other = Forge.replacingSignature(of: token, by: der)
            #expect(SignetJOSETests.refusal(of: other, with: key.verificationKey) == .signatureDER)
        }
        #expect(JWSError.signatureDER.hint != nil)
    }

    @Test(arguments: [zero, order, orderPlusOne, all])
    func rOutOfRangeIsRefused(r: [UInt8]) {
        #expect(refusal(r + signature[32...]) == .signatureRange)
    }

    @Test(arguments: [zero, order, orderPlusOne, all])
    func sOutOfRangeIsRefused(s: [UInt8]) {
        #expect(refusal(signature[..<32] + s) == .signatureRange)
    }

    @Test func zeroRAndSAreRefused() {
        #expect(refusal(Self.zero + Self.zero) == .signatureRange)
    }

    /// The ends of the range are valid numbers, but these are not signatures of this key.
    @Test(arguments: [one, orderLessOne])
    func smallestAndLargestNumbersAreInRange(number: [UInt8]) {
        #expect(refusal(number + signature[32...]) == .signatureMismatch)
        #expect(refusal(signature[..<32] + number) == .signatureMismatch)
    }

    @Test func signatureOverAnotherTokenIsRefused() throws {
        let other = try CompactJWS(parsing: try Forge.token(header: #"{"alg":"ES256"}"#, payload: "[]", key: key))
        #expect(refusal(other.signature) == .signatureMismatch)
    }

    @Test func signatureOfAnotherKeyIsRefused() throws {
        let foreign = VerificationKey.es256(try ES256PrivateKey.generate().publicKey)
        #expect(SignetJOSETests.refusal(of: token, with: foreign) == .signatureMismatch)
    }

    @Test(arguments: [0, 16, 31, 33, 64])
    func hmacOfWrongLengthIsRefused(length: Int) throws {
        let key = SigningKey.hs256(try Forge.hs256())
        let token = try Forge.token(header: #"{"alg":"HS256"}"#, key: key)
        let code = try CompactJWS(parsing: token).signature
        let cut = Array(code.prefix(length)) + [UInt8](repeating: 0, count: max(0, length - 32))
        let other = Forge.replacingSignature(of: token, by: cut)
        #expect(
            SignetJOSETests.refusal(of: other, with: key.verificationKey) == .signatureLength(.hs256, found: length))
    }

    @Test(arguments: 0..<32)
    func hmacWithOneBitFlippedIsRefused(position: Int) throws {
        let key = SigningKey.hs256(try Forge.hs256())
        let token = try Forge.token(header: #"{"alg":"HS256"}"#, key: key)
        var code = try CompactJWS(parsing: token).signature
        code[position] ^= 1 << UInt8(position % 8)
        let other = Forge.replacingSignature(of: token, by: code)
        #expect(SignetJOSETests.refusal(of: other, with: key.verificationKey) == .signatureMismatch)
    }

    private static func der(_ raw: [UInt8]) -> [UInt8] {
        let integers = [raw[..<32], raw[32...]].flatMap { number -> [UInt8] in
            let bytes = Array(number.drop { $0 == 0 })
            let positive = bytes[0] >= 0x80 ? [0] + bytes : bytes
            return [0x02, UInt8(positive.count)] + positive
        }
        return [0x30, UInt8(integers.count)] + integers
    }
}
