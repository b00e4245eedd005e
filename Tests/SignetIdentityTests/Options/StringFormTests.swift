import SignetIdentity
import Testing

/// The JSON Schema has a form's regular expression, but its function decides: the expression may only accept more.
@Suite struct StringFormTests {
    struct Form: Sendable, CustomTestStringConvertible {
        let form: StringForm
        /// Whether the expression refuses as much as the function.
        let isExact: Bool
        let taken: [String]
        let refused: [String]

        var testDescription: String { form.noun }
    }

    private static let long = String(repeating: "a", count: 64)

    static let forms = [
        Form(
            form: .text, isExact: true,
            taken: ["a", " ", "é", "🦊", "e\u{301}", "\u{301}", "a\"b\\c/d", "\u{A0}", "\u{2028}"],
            refused: ["", "a\nb", "\n", "\r\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}", "a\u{85}"]),
        Form(
            form: .name, isExact: true, taken: ["a", "0", "a.b_c-d", "uk-store", "a--", long],
            refused: ["", "A", "a b", ".a", "_a", "-a", "é", "aé", "a/b", "a\n", "a\u{301}", long + "a", "a\u{0}"]),
        Form(
            form: .identifier, isExact: true,
            taken: ["a", "_", "-", "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223", long + long],
            refused: ["", "a.b", "a/b", "..", "a b", "é", "a\n", "a%41", "a?b", long + long + "a"]),
        Form(
            form: .source, isExact: true,
            taken: [
                "subject", "email", "name", "phone", "issuedAt", "requestId", "route", "attributes.a",
                "attributes.A-b_9",
                "attributes." + long,
            ],
            refused: [
                "", "Subject", "subject ", "id", "attributes", "attributes.", "attributes.0a", "attributes.a.b",
                "attributes.é", "attributes." + long + "a", "attributesXa", "attributes.\u{301}a", "issuedat",
                "subject\n",
            ]),
        Form(
            form: .time, isExact: false, taken: ["2026-01-31T12:00:00Z", "2024-02-29T23:59:59Z"],
            refused: ["", "2026-01-31", "2026-02-31T12:00:00Z", "2026-01-31T12:00:00+00:00", "2026-01-31t12:00:00z"]),
        Form(
            form: .origin, isExact: false,
            taken: [
                "https://a", "HTTP://A.b-c.example:8080", "https://[::1]:1", "https://1.2.3.4",
                "https://a.example:65535",
            ],
            refused: WebOriginTests.refused),
    ]

    @Test(arguments: forms)
    func expressionAndFunctionAgree(form: Form) throws {
        let expression = try Regex(form.form.pattern).matchingSemantics(.unicodeScalar)
        for text in form.taken {
            #expect(form.form.accepts(text), "\(text.debugDescription)")
            #expect(text.wholeMatch(of: expression) != nil, "\(text.debugDescription)")
        }
        for text in form.refused {
            #expect(!form.form.accepts(text), "\(text.debugDescription)")
            if form.isExact { #expect(text.wholeMatch(of: expression) == nil, "\(text.debugDescription)") }
        }
    }

    @Test(arguments: forms)
    func everyFormHasNounAndHint(form: Form) {
        #expect(form.form.noun.hasPrefix("a"))
        #expect(!form.form.hint.isEmpty)
        #expect(form.form.pattern.hasPrefix("^") && form.form.pattern.hasSuffix("$"))
    }

    /// An origin's expression also accepts wrong lengths, ports beyond 65535, and text that only looks
    /// like IPv6.
    @Test func originExpressionRefusesEverythingButLengths() throws {
        let expression = try Regex(StringForm.origin.pattern).matchingSemantics(.unicodeScalar)
        let passed = WebOriginTests.refused.filter { $0.wholeMatch(of: expression) != nil }
        #expect(
            passed == [
                "https://a.example:65536", "https://\(String(repeating: "a.", count: 126))aa", "https://[1.2.3.4]",
            ])
    }
}
