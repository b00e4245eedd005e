import SignetTestSupport
import Testing

/// `--help` is a flag where flags stand, and a value where a value stands.
@Suite struct HelpFlagTests {
    @Test(arguments: ["--help", "-h"])
    func aSubjectOfThatNameIsSigned(subject: String) throws {
        let outcome = try Workplace().signet("sign", "dg", "--subject", subject)
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: ".").count == 3)
    }

    @Test(arguments: ["--help", "-h"])
    func behindOperandsAndFlagsItHelps(flag: String) throws {
        let outcome = try Workplace().signet("sign", "dg", "and", "too", "many", "--subject", "1", flag)
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("signet sign: "))
    }

    @Test func behindTwoDashesItIsAnOperand() throws {
        let outcome = try Workplace().signet("explain", "--", "--help")
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
    }
}
