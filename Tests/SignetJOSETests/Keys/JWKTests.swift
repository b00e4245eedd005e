import SignetJOSE
import SignetSystem
import Testing

@Suite struct JWKTests {
    static let x = "R8LLcaXjzApoLMdTvLlosREhycGHb6TyKeZst2MrAfc"
    static let y = "bevz5cQVe4bm6dxmY5PQ89PsXlSuuxS9cViROvb8wNg"
    static let d = "Urbk7QZIAVrLQJEz9m2VNEjJD3uPJB64foZmhwUSzsA"
    static let k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3"

    static func ec(_ more: String = "", d: String? = nil) -> String {
        let number = d.map { #","d":"\#($0)""# } ?? ""
        return #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(number)\#(more)}"#
    }

    static func oct(_ more: String = "") -> String {
        #"{"kty":"oct","k":"\#(k)"\#(more)}"#
    }

    static func refusedKind(_ text: String) -> KeyFault? {
        SignetJOSETests.refusedKind { () throws(SignetError) in
            try VerificationKey(contents: SecretBytes(copying: text.utf8))
        }
    }

    @Test(arguments: [
        ec(), ec(d: d), oct(), ec(#","use":"sig","alg":"ES256","key_ops":["verify"],"kid":"a","ext":true"#),
        ec(#","alg":"ES256","key_ops":["sign"]"#, d: d), ec(#","key_ops":["sign","verify"]"#, d: d),
        oct(#","use":"sig","alg":"HS256","key_ops":["sign","verify"]"#), oct(#","key_ops":["verify"]"#),
        "\n " + ec() + "\n",
    ])
    func fittingJWKIsAccepted(text: String) {
        #expect(Self.refusedKind(text) == nil)
    }

    @Test(arguments: ["\"enc\"", "\"SIG\"", "\"\"", "null", "1", "[\"sig\"]"])
    func useThatDoesNotFitIsRefused(value: String) {
        for text in [
            Self.ec(#","use":\#(value)"#), Self.ec(#","use":\#(value)"#, d: Self.d), Self.oct(#","use":\#(value)"#),
        ] {
            #expect(Self.refusedKind(text) == .jwkMisfit)
        }
    }

    @Test func algorithmThatDoesNotFitIsRefused() {
        for value in ["\"ES384\"", "\"HS256\"", "\"es256\"", "\"none\"", "\"\"", "null", "[\"ES256\"]"] {
            #expect(Self.refusedKind(Self.ec(#","alg":\#(value)"#)) == .jwkMisfit)
            #expect(Self.refusedKind(Self.ec(#","alg":\#(value)"#, d: Self.d)) == .jwkMisfit)
        }
        for value in ["\"HS512\"", "\"ES256\"", "\"hs256\"", "\"none\"", "null"] {
            #expect(Self.refusedKind(Self.oct(#","alg":\#(value)"#)) == .jwkMisfit)
        }
    }

    @Test func operationsThatDoNotFitAreRefused() {
        #expect(Self.refusedKind(Self.ec(#","key_ops":["sign"]"#)) == .jwkMisfit)
        #expect(Self.refusedKind(Self.ec(#","key_ops":["deriveKey"]"#)) == .jwkMisfit)
        #expect(Self.refusedKind(Self.ec(#","key_ops":[]"#)) == .jwkMisfit)
        #expect(Self.refusedKind(Self.ec(#","key_ops":["verify"]"#, d: Self.d)) == .jwkMisfit)
        #expect(Self.refusedKind(Self.oct(#","key_ops":["encrypt","decrypt"]"#)) == .jwkMisfit)
        #expect(Self.refusedKind(Self.oct(#","key_ops":["sign"]"#)) == .jwkMisfit)
    }

    /// RFC 7517 §4.3: names must not occur twice.
    @Test(arguments: [#""verify""#, "null", "{}", #"["verify","verify"]"#, #"["verify",1]"#, #"["verify",null]"#])
    func operationsThatAreNotAListOfNamesAreRefused(value: String) {
        #expect(Self.refusedKind(Self.ec(#","key_ops":\#(value)"#)) == .jwkMember)
    }

    @Test(arguments: ["RSA", "OKP", "ec", "EC ", "OCT", ""])
    func typeThatDoesNotFitIsRefused(type: String) {
        #expect(Self.refusedKind(Self.ec().replacing(#""EC""#, with: "\"\(type)\"")) == .jwkMisfit)
    }

    @Test(arguments: ["kty", "crv", "x", "y"])
    func missingMemberIsRefused(name: String) {
        #expect(Self.refusedKind(Self.ec().replacing("\"\(name)\"", with: "\"other\"")) == .jwkMember)
    }

    @Test(arguments: ["1", "null", "[]", "{}", "true"])
    func memberThatIsNotAStringIsRefused(value: String) {
        for member in ["\"\(Self.x)\"", "\"\(Self.y)\"", "\"\(Self.d)\"", "\"EC\"", "\"P-256\""] {
            #expect(Self.refusedKind(Self.ec(d: Self.d).replacing(member, with: value)) == .jwkMember)
        }
        #expect(Self.refusedKind(Self.oct().replacing("\"\(Self.k)\"", with: value)) == .jwkMember)
        #expect(Self.refusedKind(Self.ec(#","kid":\#(value)"#)) == .jwkMember)
    }

    @Test func secretWithoutItsBytesIsRefused() {
        #expect(Self.refusedKind(#"{"kty":"oct"}"#) == .jwkMember)
        #expect(Self.refusedKind(#"{"kty":"oct","k":""}"#) == .empty)
        #expect(Self.refusedKind(#"{"kty":"oct","k":"c2hvcnQ"}"#) == .shortSecret)
    }

    /// RFC 7518 §6.2.1.2: leading zeros stay, so every number has 32 bytes.
    @Test func numbersOfAnotherLengthAreRefused() {
        for number in [Self.x, Self.y, Self.d] {
            let bytes = (try? Base64URL.decode(number)) ?? []
            for other in [Array(bytes.dropLast()), bytes + [0], [0] + bytes, []] {
                let text = Self.ec(d: Self.d).replacing(number, with: Base64URL.encode(other))
                #expect(Self.refusedKind(text) == .jwkMember)
            }
        }
    }

    @Test(arguments: ["=", "\\n", " ", "+", "/", "é"])
    func numbersThatAreNotBase64URLAreRefused(character: String) {
        for number in [Self.x, Self.y, Self.d] {
            let text = Self.ec(d: Self.d).replacing(number, with: number.dropLast() + character)
            // A secret is never unescaped: any escape is refused.
            let wanted = character == "\\n" && number == Self.d ? KeyFault.damaged : .jwkMember
            #expect(Self.refusedKind(text) == wanted)
        }
    }

    @Test func secretSpelledWithEscapesIsRefused() {
        let d = JWKTests.d.replacing("U", with: "\\u0055", maxReplacements: 1)
        #expect(Self.refusedKind(Self.ec(d: d)) == .damaged)
        #expect(Self.refusedKind(Self.oct().replacing("AyM", with: "\\u0041yM")) == .damaged)
        // A public member may have any JSON escapes.
        #expect(Self.refusedKind(Self.ec().replacing("R8LL", with: "\\u0052\\u0038LL")) == nil)
    }

    @Test func spareBitsInANumberAreRefused() {
        for number in [Self.x, Self.y, Self.d] {
            let text = Self.ec(d: Self.d).replacing(number, with: Forge.settingSpareBit(of: number))
            #expect(Self.refusedKind(text) == .jwkMember)
        }
    }
}
