import SignetIdentity
import Testing

/// Durations in the configuration.
@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("0ms", 0), ("250ms", 250), ("5s", 5_000), ("015s", 15_000), ("15m", 900_000), ("12h", 43_200_000),
            ("1d", 86_400_000), ("106751991167d", 106_751_991_167 * 86_400_000),
            ("9223372036854775807ms", .max),
        ] as [(String, Int64)])
    func durationsAreReadAsMilliseconds(text: String, milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "5", "s", "5 s", " 5s", "5s ", "5S", "5sec", "5m5s", "1.5s", "-5s", "+5s", "5w", "5y", "5us", "٥s", "5s\n",
        "9223372036854775808ms", "106751991168d", "9223372036854775807d", "5\u{301}s", "5s\u{301}", "0x5s",
    ])
    func otherTextIsRefused(text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ms"), (999, "999ms"), (1_000, "1s"), (1_500, "1500ms"), (90_000, "90s"), (60_000, "1m"),
            (3_600_000, "1h"), (86_400_000, "1d"), (172_800_000, "2d"),
        ] as [(Int64, String)])
    func shortestTextIsWritten(milliseconds: Int64, text: String) {
        #expect(DurationText.text(milliseconds) == text)
        #expect(DurationText.milliseconds(text) == milliseconds)
    }
}
