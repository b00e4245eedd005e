import SignetJOSE
import Testing

/// The compact serialization is read strictly. Each token here has a valid signature over its exact text, so only
/// the tested rule refuses it.
@Suite struct EncodingRefusalTests {
    let key: SigningKey
    /// base64url of `{"alg":"HS256","p":1}`, with spare bits in its last character.
    let header = Base64URL.encode(Array(#"{"alg":"HS256","p":1}"#.utf8) + [0x20])

    init() throws {
        key = .hs256(try Forge.hs256())
    }

    private func refusal(header: String? = nil, payload: String) throws -> JWSError? {
        let token = try Forge.token(headerSegment: header ?? self.header, payloadSegment: payload, key: key)
        return SignetJOSETests.refusal(of: token, with: key.verificationKey)
    }

    @Test func validTokenOfThisFormIsAccepted() throws {
        #expect(try refusal(payload: "e30") == nil)
    }

    @Test func spareBitsInTheHeaderAreRefused() throws {
        #expect(try refusal(header: Forge.settingSpareBit(of: header), payload: "e30") == .spareBits(.header))
    }

    @Test(arguments: ["Zg", "Zm8", "e30"])
    func spareBitsInThePayloadAreRefused(payload: String) throws {
        #expect(try refusal(payload: payload) == nil)
        #expect(try refusal(payload: Forge.settingSpareBit(of: payload)) == .spareBits(.payload))
    }

    /// The signature's bytes are right, but their text has spare bits set.
    @Test func spareBitsInTheSignatureAreRefused() throws {
        for key in [key, .es256(try Forge.es256())] {
            let algorithm = key.algorithm.rawValue
            let token = try Forge.token(header: #"{"alg":"\#(algorithm)"}"#, key: key)
            let signature = token.suffix(Base64URL.encodedLength(key.algorithm.signatureLength))
            let other = String(token.dropLast(signature.count)) + Forge.settingSpareBit(of: String(signature))
            #expect(SignetJOSETests.refusal(of: token, with: key.verificationKey) == nil)
            #expect(SignetJOSETests.refusal(of: other, with: key.verificationKey) == .spareBits(.signature))
        }
    }

    @Test func paddingIsRefusedInEachSegment() throws {
        #expect(try refusal(header: header + "==", payload: "e30") == .padding)
        #expect(try refusal(payload: "e30=") == .padding)
        let token = try Forge.token(headerSegment: header, payloadSegment: "e30", key: key)
        #expect(SignetJOSETests.refusal(of: token + "=", with: key.verificationKey) == .padding)
    }

    /// The bytes 0xFB 0xEF 0xFF are all hyphens and underscores in base64url.
    @Test(arguments: [("----", "++++"), ("____", "////"), ("--__", "-+__"), ("--__", "--_/")])
    func plainBase64IsRefused(ours: String, plain: String) throws {
        #expect(try refusal(payload: ours) == nil)
        #expect(try refusal(payload: plain) == .plainAlphabet)
    }

    @Test func plainBase64IsRefusedInTheSignature() throws {
        // Among 200 signatures, at least one has a hyphen or an underscore.
        let token = try (0..<200).lazy.map { try Forge.token(header: #"{"alg":"HS256"}"#, payload: "\($0)", key: key) }
            .first { $0.suffix(43).contains { "-_".contains($0) } }
        let found = try #require(token)
        let signature = found.suffix(43).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        #expect(
            SignetJOSETests.refusal(of: found.dropLast(43) + String(signature), with: key.verificationKey)
                == .plainAlphabet)
    }

    static let foreign = [
        " ", "\t", "\n", "\r\n", "\0", "é", "\u{7F}", "\u{2028}", "~", ",", "%", ":", "*", "@", "\\", "\"", "`", "{",
    ]

    @Test(arguments: foreign)
    func anyOtherCharacterIsRefused(character: String) throws {
        #expect(try refusal(payload: "e3" + character + "0") == .character)
        #expect(try refusal(payload: "e30" + character) == .character)
        #expect(try refusal(header: header + character, payload: "e30") == .character)
        #expect(try refusal(header: character + header, payload: "e30") == .character)
    }

    @Test(arguments: foreign)
    func anyOtherCharacterAfterTheSignatureIsRefused(character: String) throws {
        let token = try Forge.token(headerSegment: header, payloadSegment: "e30", key: key)
        #expect(SignetJOSETests.refusal(of: token + character, with: key.verificationKey) == .character)
    }

    @Test func bytesThatAreNotUTF8AreRefused() throws {
        let token = try Forge.token(headerSegment: header, payloadSegment: "e30", key: key)
        #expect(throws: JWSError.character) { try CompactJWS(parsing: Array(token.utf8) + [0xFF]) }
    }

    @Test(arguments: [JWSError.Segment.header, .payload, .signature])
    func impossibleLengthIsRefused(segment: JWSError.Segment) throws {
        let token = try Forge.token(
            headerSegment: segment == .header ? header + "AAA" : header,
            payloadSegment: segment == .payload ? "e30AA" : "e30", key: key)
        let whole = segment == .signature ? token + "AA" : token
        #expect(SignetJOSETests.refusal(of: whole, with: key.verificationKey) == .segmentLength(segment))
    }
}
