import SignetKit
import Testing

/// A vendor from outside has everything that the built-in ones have.
@Suite struct AcmePluginTests {
    private func connection(_ options: String, keyID: String? = nil) throws -> VendorConnection {
        let key = NamedKey(name: "acme-key", key: .hs256(try HS256Key.generate(keyID: keyID)))
        return try AcmePlugin.connect(
            "acme-hq", settings: AcmePlugin.settings(json: options.utf8), keys: ConnectionKeys(key))
    }

    @Test func pluginConforms() {
        #expect(VendorPluginConformance.problems(of: AcmePlugin.self) == [])
    }

    @Test(arguments: [
        #"{"building": "hq-1"}"#,
        #"{"building": "hq-1", "who": "email", "claims": [{"claim": "mail", "from": "email", "required": false}]}"#,
    ])
    func signerConforms(options: String) throws {
        let customer = try Customer(subject: "visitor-7", email: "seven@acme.example")
        let problems = IdentitySignerConformance.problems(
            of: try connection(options), sampling: .init(customer: customer))
        #expect(problems == [])
    }

    @Test func itStandsNextToTheBuiltInOnes() {
        let plugins: [any VendorPlugin.Type] = .builtIn + [AcmePlugin.self]
        #expect(plugins.map { $0.vendor.name } == ["pega", "talkative", "dg", "acme"])
    }

    @Test func itsOptionsHaveDefaults() throws {
        let settings = try AcmePlugin.settings(json: #"{"building": "hq-1"}"#.utf8)
        #expect(settings.tier == "blue")
        #expect(settings.lifetime == 120)
        #expect(settings.countedThousandths == 100_000)
        #expect(settings.who == .from(.subject))
        #expect(settings.claims.isEmpty)
    }

    @Test(
        arguments: [
            ("{}", "/building: it is required", "The building whose door opens."),
            (#"{"bilding": "hq"}"#, "/bilding: there is no member of this name", #"did you mean "building"?"#),
            (
                #"{"building": "hq", "tier": "gould"}"#, #"/tier: "gould" is not one of gold, blue"#,
                #"did you mean "gold"?"#
            ),
            (#"{"building": "hq", "floor": 100}"#, "/floor: 100 is not between 0 and 99", nil),
            (#"{"building": "hq", "shared": true}"#, #"/shared: it goes with "floor", which is missing"#, nil),
            (
                #"{"building": "hq", "badgeColour": "red"}"#, #"/badgeColour: "red" is not a colour"#,
                "six hexadecimal digits in lower case: #336699"
            ),
            (
                #"{"building": "hq", "claims": [{"claim": "a", "value": "b"}, {"claim": "sub", "value": "b"}]}"#,
                "/claims/1/claim: Acme has a claim of this name already", nil
            ),
            ("[]", "it is an array, not an object", nil),
            ("{", "not strict JSON: a member name in double quotes is expected here, at line 1, column 2", nil),
        ] as [(String, String, String?)])
    func itsFaultsAreNamedAndHinted(options: String, reason: String, hint: String?) {
        let fault = #expect(throws: SignetError.self) { try AcmePlugin.settings(json: options.utf8) }
        #expect(fault?.description == reason)
        #expect(fault?.hint == hint)
    }

    @Test func itsBadgeIsOfItsOwnKind() throws {
        let connection = try connection(#"{"building": "hq-1", "floor": 3}"#)
        let signed = try connection.sign(.customer(Customer(subject: "visitor-7")), in: SigningContext())
        let badge = try #require(connection.badge(for: signed))
        #expect(badge.kind == .doorPass)
        #expect(
            JSONWriter.text(of: badge.json)
                == #"{"kind":"doorPass","value":"\#(signed.token.compact)","building":"hq-1","floor":3}"#)
        #expect(connection.widget.gaps.isEmpty)
    }
}
