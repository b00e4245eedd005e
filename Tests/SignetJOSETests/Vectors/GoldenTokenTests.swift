import SignetJOSE
import SignetSystem
import Testing

/// HS256 tokens stay the same to the byte between releases.
@Suite struct GoldenTokenTests {
    struct Golden: Decodable, CustomTestStringConvertible {
        let name: String
        let secret: String
        let kid: String?
        let typ: String?
        let payload: String
        let token: String

        var testDescription: String { name }

        func key() throws -> HS256Key {
            try HS256Key(secret: SecretBytes(copying: bytes(hexadecimal: secret)), keyID: kid)
        }
    }

    static let tokens: [Golden] = (try? Fixtures.decode("golden/hs256.json")) ?? []

    @Test func goldenTokensExist() {
        #expect(Self.tokens.count == 5)
    }

    @Test(arguments: tokens)
    func signedTokenEqualsTheRecordedOne(golden: Golden) throws {
        let signer = CompactJWSSigner(key: .hs256(try golden.key()), type: golden.typ)
        #expect(try signer.sign(Array(golden.payload.utf8)) == golden.token)
        // The second token uses the same context.
        #expect(try signer.sign(Array(golden.payload.utf8)) == golden.token)
    }

    @Test(arguments: tokens)
    func recordedTokenVerifies(golden: Golden) throws {
        let token = try CompactJWS(parsing: golden.token)
        try token.verify(with: .hs256(try golden.key()))
        #expect(token.payload == Array(golden.payload.utf8))
        #expect(token.header["kid"]?.string == golden.kid)
        #expect(token.header["typ"]?.string == golden.typ)
    }

    @Test func membersKeepTheOrderInWhichTheyWereWritten() throws {
        let golden = try #require(Self.tokens.first { $0.kid == "dg_live_1" })
        let signer = CompactJWSSigner(key: .hs256(try golden.key()), type: "JWT")
        let token = try signer.sign { writer in
            writer.beginObject()
            writer.name("scope")
            writer.string("widget")
            writer.name("external_id")
            writer.string("a/b")
            writer.name("exp")
            writer.integer(1_767_225_600)
            writer.endObject()
        }
        #expect(token == golden.token)
    }
}
