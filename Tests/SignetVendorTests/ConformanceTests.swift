import SignetIdentity
import SignetJOSE
import Testing

/// The built-in vendors pass the conformance checks.
@Suite struct ConformanceTests {
    @Test(arguments: TestVendor.allCases)
    func pluginsConform(vendor: TestVendor) {
        func problems<Plugin: VendorPlugin>(_ plugin: Plugin.Type) -> [String] {
            VendorPluginConformance.problems(of: plugin)
        }
        #expect(problems(vendor.plugin) == [])
    }

    @Test(arguments: VendorFixture.all)
    func signersConform(fixture: VendorFixture) throws {
        // A subject that no check's detail contains by chance.
        let customer = try Customer(
            subject: "conformance-4711", email: "zoe@shop.example",
            attributes: ["package": "standard", "tier": "gold/plus"])
        let sample = IdentitySignerConformance.Sample(customer: customer, session: try fixture.session())
        #expect(IdentitySignerConformance.problems(of: try fixture.connection(), sampling: sample) == [])
    }

    @Test(arguments: VendorFixture.all)
    func connectionsPassTheirProbe(fixture: VendorFixture) throws {
        try fixture.connection().probe(at: Moment.fixed)
        try fixture.connection().probe()
    }

    @Test(arguments: TestVendor.allCases)
    func everyExampleAndDefaultIsAccepted(vendor: TestVendor) throws {
        for option in vendor.plugin.vendor.options where !["origin", "region"].contains(option.name) {
            guard let example = option.example else { continue }
            let base = vendor == .pega && option.name != "widgetId" ? #""widgetId": "w", "# : ""
            let region = vendor == .pega ? #""region": "uk", "# : ""
            let options = "{\(base)\(region)\"\(option.name)\": \(JSONWriter.text(of: example))}"
            #expect(throws: Never.self) { try vendor.connection(options) }
        }
    }
}
