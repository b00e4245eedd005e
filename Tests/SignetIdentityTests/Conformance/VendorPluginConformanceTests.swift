import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// For each rule of declarations, a declaration that breaks it.
@Suite struct VendorPluginConformanceTests {
    /// A plugin whose declaration a test sets.
    enum PliablePlugin: VendorPlugin {
        @TaskLocal static var vendor = declared()

        static func declared(
            name: String = "pliable", title: String = "Pliable", summary: String = "whatever is wanted",
            keyOrigin: String = "nowhere", options: [OptionDeclaration] = [good], rules: [OptionRule] = [],
            rotation: KeyRotation? = nil
        ) -> Vendor {
            Vendor(
                name: name, title: title, summary: summary, algorithm: .hs256, keyID: .none, keyOrigin: keyOrigin,
                options: options, rules: rules, rotation: rotation)
        }

        static let good = OptionDeclaration("good", .boolean, .defaults(true), "A good option.", example: false)

        static func settings(from options: OptionValues) throws(SignetError) -> Bool { true }

        static func connection(named name: String, settings: Bool, keys: ConnectionKeys) -> VendorConnection {
            VendorConnection(
                name: name, vendor: "pliable", signer: noSigner, keys: keys, widget: Widget([]), values: [])
        }
    }

    private static let noSigner = ClosureSigner(preparing: { _, _ throws(SignetError) in
        throw SignetError(SigningFault.failed, "it never signs")
    })

    struct Case: Sendable, CustomTestStringConvertible {
        let vendor: Vendor
        let problems: [String]

        init(_ vendor: Vendor, _ problems: String...) {
            self.vendor = vendor
            self.problems = problems
        }

        init(option: OptionDeclaration, _ problems: String...) {
            vendor = PliablePlugin.declared(options: [option])
            self.problems = problems
        }

        var testDescription: String { problems.first ?? "a good declaration" }
    }

    private static let bad = OptionDeclaration("b d", .boolean, .required, "")
    private static let badness = ["b d is not a valid member name", "b d has no summary"]
    private static func nested(_ type: OptionType) -> OptionDeclaration {
        OptionDeclaration("outer", type, .required, "An option with others in it.")
    }

    static let cases: [Case] = [
        Case(PliablePlugin.declared()),
        Case(PliablePlugin.declared(options: [])),
        Case(PliablePlugin.declared(name: "Pliable"), "the vendor's name is not a name"),
        Case(PliablePlugin.declared(title: ""), "the vendor's title is empty or holds a control character"),
        Case(PliablePlugin.declared(summary: "a\nb"), "the vendor's summary is empty or holds a control character"),
        Case(
            PliablePlugin.declared(keyOrigin: "", rotation: .unknown(place: "there", title: "Pliable")),
            "the vendor's keyOrigin is empty or holds a control character"),
        Case(
            PliablePlugin.declared(rotation: .unknown(place: "", title: "Pliable")),
            "the rotation's place is empty or holds a control character"),
        Case(
            PliablePlugin.declared(
                rotation: KeyRotation(maker: .vendor, place: "there", severalKeys: .accepted, overlap: "a\nb")),
            "the rotation's overlap is empty or holds a control character"),
        Case(
            option: OptionDeclaration("vendor", .boolean, .required, "It."),
            "every connection already has the option \"vendor\""),
        Case(
            option: OptionDeclaration("key", .boolean, .required, "It."),
            "every connection already has the option \"key\""),
        Case(
            option: OptionDeclaration("keys", .boolean, .required, "It."),
            "every connection already has the option \"keys\""),
        Case(
            PliablePlugin.declared(options: [PliablePlugin.good, PliablePlugin.good]),
            "options.good is declared twice"),
        Case(option: OptionDeclaration("0", .boolean, .required, "It."), "options.0 is not a valid member name"),
        Case(option: OptionDeclaration("a", .boolean, .required, ""), "options.a has no summary"),
        Case(
            option: OptionDeclaration("a", .boolean, .optional(""), "It."),
            "options.a does not say what happens when it is left out"),
        Case(
            option: OptionDeclaration("a", .boolean, .defaults("yes"), "It."),
            "options.a's default: it is a string, not true or false"),
        Case(
            option: OptionDeclaration("a", .choice(["x"]), .required, "It.", example: "y"),
            "options.a's example: \"y\" is not one of x"),
        Case(
            option: nested(.object([bad], rules: [])), "options.outer.\(badness[0])", "options.outer.\(badness[1])"),
        Case(
            option: nested(.list(.object([bad], rules: []), minimum: 0)), "options.outer.\(badness[0])",
            "options.outer.\(badness[1])"),
        Case(
            option: nested(.map(names: .text, values: .object([bad], rules: []))), "options.outer.\(badness[0])",
            "options.outer.\(badness[1])"),
        Case(
            option: nested(.stringOr(.text, .object([bad], rules: []))), "options.outer.\(badness[0])",
            "options.outer.\(badness[1])"),
        Case(
            option: nested(.tagged(by: PliablePlugin.good, [("x", [bad], [])])), "options.outer.x.\(badness[0])",
            "options.outer.x.\(badness[1])"),
        Case(
            PliablePlugin.declared(rules: [.exactlyOne(["good", "gone"])]),
            "a rule mentions \"gone\", which is not an option"),
        Case(PliablePlugin.declared(rules: [.atMostOne(["gone"])]), "a rule mentions \"gone\", which is not an option"),
        Case(
            PliablePlugin.declared(rules: [.requires("good", "gone")]),
            "a rule mentions \"gone\", which is not an option"),
        Case(
            PliablePlugin.declared(rules: [.requires("gone", "good")]),
            "a rule mentions \"gone\", which is not an option"),
        Case(
            option: nested(.list(.object([PliablePlugin.good], rules: [.atMostOne(["gone"])]), minimum: 0)),
            "a rule mentions \"gone\", which is not an option"),
    ]

    @Test(arguments: cases)
    func eachProblemAloneIsReported(testCase: Case) {
        PliablePlugin.$vendor.withValue(testCase.vendor) {
            #expect(VendorPluginConformance.problems(of: PliablePlugin.self) == testCase.problems)
        }
    }

    @Test func connectionThatCannotSignFailsItsProbe() throws {
        let keys = ConnectionKeys(NamedKey(name: "key", key: .hs256(try HS256Key.generate())))
        let connection = try PliablePlugin.connect("test", settings: true, keys: keys)
        let error = #expect(throws: SignetError.self) { try connection.probe() }
        #expect(error?.reason == "it never signs")
    }
}
