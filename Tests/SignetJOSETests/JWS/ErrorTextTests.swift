import SignetJOSE
import SignetSystem
import Testing

/// Codes never change, and texts never contain values from the token.
@Suite struct ErrorTextTests {
    static let position = TextPosition(offset: 0, in: [])
    static let errors: [(JWSError, String)] = [
        (.tooLarge, "token-too-large"), (.character, "jws-character"), (.plainAlphabet, "jws-plain-base64"),
        (.padding, "jws-padding"), (.segmentCount, "jws-segments"), (.spareBits(.payload), "jws-spare-bits"),
        (.segmentLength(.header), "jws-segment-length"), (.headerNotObject, "jws-header"),
        (.criticalExtension, "jws-crit"), (.unencodedPayload, "jws-b64"), (.embeddedKey("jku"), "jws-embedded-key"),
        (.algorithmMissing, "jws-alg-missing"), (.algorithmNone, "jws-alg-none"),
        (.algorithmMismatch(expected: .es256), "jws-alg-mismatch"), (.keyIDMismatch, "jws-kid-mismatch"),
        (.keyIDNotString, "jws-kid-type"), (.signatureLength(.es256, found: 3), "jws-signature-length"),
        (.signatureDER, "jws-signature-der"), (.signatureRange, "jws-signature-range"),
        (.signatureMismatch, "jws-signature"), (.signingFailed, "jws-signing-failed"),
    ]

    @Test(arguments: errors)
    func everyErrorHasItsCodeAndAReasonOfOneLine(error: JWSError, code: String) {
        #expect(error.code == code)
        #expect(!error.reason.isEmpty && !error.reason.contains("\n") && !error.reason.hasSuffix("."))
        #expect(error.description == error.reason)
    }

    @Test func errorCodesAreUnique() {
        #expect(Set(Self.errors.map(\.1)).count == Self.errors.count)
    }

    @Test func jsonErrorsKeepTheirCode() throws {
        let token = Base64URL.encode(Array(#"{"a":1,"a":2}"#.utf8)) + ".e30."
        #expect { try CompactJWS(parsing: token) } throws: {
            ($0 as? JWSError)?.code == "json-duplicate-member"
        }
    }

    /// The sender chooses the names in a token, so they are escaped and shortened before they reach a log.
    @Test(arguments: [
        (#"{"a\nb":1,"a\nb":2}"#, "\n"), (#"{"\u001b[31m":1,"\u001b[31m":2}"#, "\u{1B}"),
        (#"{"\u0085":1,"\u0085":2}"#, "\u{85}"),
        (
            "{\"\(String(repeating: "k", count: 200))\":1,\"\(String(repeating: "k", count: 200))\":2}",
            String(repeating: "k", count: 41)
        ),
    ])
    func memberNameInAnErrorIsEscaped(text: String, part: String) {
        #expect { try JSONReader.value(Array(text.utf8)) } throws: { error in
            guard let error = error as? JSONError else { return false }
            return error.kind == .duplicateMember && !error.reason.contains(part)
        }
    }
}
