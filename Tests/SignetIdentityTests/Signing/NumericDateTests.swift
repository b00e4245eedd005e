import SignetIdentity
import Testing

/// Times in whole seconds, and one form of RFC 3339.
@Suite struct NumericDateTests {
    static let moments: [(text: String, seconds: Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2027-01-15T08:00:00Z", 1_800_000_000),
        ("2024-02-29T12:00:00Z", 1_709_208_000), ("2000-02-29T00:00:00Z", 951_782_400),
        ("2038-01-19T03:14:08Z", 2_147_483_648), ("1900-03-01T00:00:00Z", -2_203_891_200),
        ("9999-12-31T23:59:59Z", 253_402_300_799), ("0000-01-01T00:00:00Z", -62_167_219_200),
    ]

    @Test(arguments: moments)
    func timesRoundTrip(text: String, seconds: Int64) {
        #expect(NumericDate(rfc3339: text)?.seconds == seconds)
        #expect(NumericDate(seconds: seconds).rfc3339 == text)
    }

    @Test(arguments: [
        "", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-01-15t08:00:00Z", "2027-01-15T08:00:00z",
        "2027-01-15T08:00:00+00:00", "2027-01-15T08:00:00-00:00", "2027-01-15T08:00:00+01:00", "2027-01-15T08:00Z",
        "2027-01-15T08:00:00.0Z", "2027-01-15T08:00:00,5Z", "2027-02-31T08:00:00Z", "2027-02-29T08:00:00Z",
        "1900-02-29T08:00:00Z", "2027-04-31T08:00:00Z", "2027-00-15T08:00:00Z", "2027-13-15T08:00:00Z",
        "2027-01-00T08:00:00Z", "2027-01-32T08:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z",
        "2027-01-15T08:00:60Z", "2016-12-31T23:59:60Z", "2027-01-15T08:00:00ZZ", " 2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00Z\n", "27-01-15T08:00:00Z", "+027-01-15T08:00:00Z", "-027-01-15T08:00:00Z",
        "2027-1-15T08:00:00Z0", "2027/01/15T08:00:00Z", "２０27-01-15T08:00:00Z", "2027-01-15T08:00:0\u{0}Z",
    ])
    func otherTextIsRefused(text: String) {
        #expect(NumericDate(rfc3339: text) == nil)
    }

    @Test(arguments: [
        (Int64.max, "9999-12-31T23:59:59Z"), (253_402_300_800, "9999-12-31T23:59:59Z"),
        (67_768_036_191_676_799, "9999-12-31T23:59:59Z"), (67_767_976_233_532_799, "9999-12-31T23:59:59Z"),
        (-62_167_219_201, "0000-01-01T00:00:00Z"), (.min, "0000-01-01T00:00:00Z"),
    ])
    func timeOutsideRFC3339IsClamped(seconds: Int64, text: String) {
        #expect(NumericDate(seconds: seconds).rfc3339 == text)
    }

    @Test func advancingBeyondTheEndsIsClamped() {
        #expect(NumericDate(seconds: .max).advanced(by: 1).seconds == .max)
        #expect(NumericDate(seconds: .min).advanced(by: -1).seconds == .min)
        #expect(NumericDate(seconds: 10).advanced(by: -11).seconds == -1)
        #expect(NumericDate(seconds: 1) < NumericDate(seconds: 2))
    }

    @Test func nowIsTheCurrentTime() throws {
        let released = try #require(NumericDate(rfc3339: "2025-01-01T00:00:00Z"))
        #expect(NumericDate.now > released)
        #expect(NumericDate(rfc3339: NumericDate.now.rfc3339) != nil)
    }
}
