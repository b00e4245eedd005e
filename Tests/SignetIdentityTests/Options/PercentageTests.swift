import SignetIdentity
import Testing

/// Percentages never pass through floating point.
@Suite struct PercentageTests {
    @Test(
        arguments: [
            ("0", 0), ("0.0", 0), ("0.001", 1), ("2.007", 2007), ("12.5", 12_500), ("12.50", 12_500),
            ("12.500", 12_500),
            ("8.29", 8290), ("99.999", 99_999), ("100", 100_000), ("100.0", 100_000), ("100.000", 100_000),
        ] as [(String, UInt64)])
    func percentagesAreReadAsThousandths(text: String, thousandths: UInt64) {
        #expect(Percentage(text)?.thousandths == thousandths)
    }

    @Test(arguments: [
        "", ".", ".5", "5.", "0.0005", "100.001", "100.0000", "100.1", "101", "1e1", "1E1", "007", "00", "00.5", "01",
        "-1",
        "-0", "+1", "1,5", "1.5.0", " 1", "1 ", "1%", "0x1", "NaN", "inf", "١", "1_0", "18446744073709551616",
        "1\u{301}", "1.5\u{0}",
    ])
    func otherTextIsRefused(text: String) {
        #expect(Percentage(text) == nil)
    }
}
