import SignetIdentity
import SignetJOSE
import Testing

/// The checks of times, with 30 seconds of clock skew.
@Suite struct ClaimChecksTests {
    private static let now = NumericDate(seconds: 1_800_000_000)
    private static let fraction = "it is not written as a whole number, which some programs refuse"

    private func report(_ check: (inout VerificationReport) -> Void) -> [String] {
        var report = VerificationReport()
        check(&report)
        return report.checks.map { "\($0.name) \($0.result.rawValue): \($0.detail)" }
    }

    @Test(arguments: [
        (#"{"exp": 1800000001}"#, "exp ok: not expired"), (#"{"exp": 1799999971}"#, "exp ok: not expired"),
        (#"{"exp": 1799999970}"#, "exp fail: expired at 2027-01-15T07:59:30Z"),
        (#"{"exp": 0}"#, "exp fail: expired at 1970-01-01T00:00:00Z"),
        (#"{"exp": -1}"#, "exp fail: expired at second -1"), (#"{"exp": 4133980799}"#, "exp ok: not expired"),
        ("{}", "exp warn: there is no exp: the vendor decides how long the token is valid"),
        (#"{"exp": "1800000001"}"#, "exp fail: exp is not a number of seconds"),
        (#"{"exp": true}"#, "exp fail: exp is not a number of seconds"),
        (#"{"exp": null}"#, "exp fail: exp is not a number of seconds"),
        (#"{"exp": 1800000001.0}"#, "exp warn: not expired; \(fraction)"),
        (#"{"exp": 1799999971.5}"#, "exp warn: not expired; \(fraction)"),
        (#"{"exp": 1.8000001e9}"#, "exp warn: not expired; \(fraction)"),
        (#"{"exp": 1799999970.999999999999999999999}"#, "exp fail: expired at 2027-01-15T07:59:30Z"),
        (#"{"exp": 1e-400}"#, "exp fail: expired at 1970-01-01T00:00:00Z"),
    ])
    func expiryIsChecked(payload: String, check: String) throws {
        let payload = try JSONReader.value(payload.utf8)
        #expect(report { $0.checkExpiry(payload, at: Self.now) } == [check])
    }

    @Test(
        arguments: [
            (#"{"iat": 1800000000}"#, "iat ok: issued at 2027-01-15T08:00:00Z", 1_800_000_000),
            (#"{"iat": 1800000030}"#, "iat ok: issued at 2027-01-15T08:00:30Z", 1_800_000_030),
            (#"{"iat": 1800000031}"#, "iat fail: issued in the future: check the clocks", nil),
            (#"{"iat": 1800000030.999}"#, "iat warn: issued at 2027-01-15T08:00:30Z; \(fraction)", 1_800_000_030),
            (#"{"iat": 18e8}"#, "iat warn: issued at 2027-01-15T08:00:00Z; \(fraction)", 1_800_000_000),
            (#"{"iat": -9223372036854775808}"#, "iat ok: issued at second -9223372036854775808", .min),
            ("{}", "iat fail: there is no iat", nil),
            (#"{"iat": "now"}"#, "iat fail: iat is not a number of seconds", nil),
            (#"{"iat": [1800000000]}"#, "iat fail: iat is not a number of seconds", nil),
        ] as [(String, String, Int64?)])
    func timeOfIssueIsChecked(payload: String, check: String, seconds: Int64?) throws {
        let payload = try JSONReader.value(payload.utf8)
        var found: NumericDate?
        #expect(report { found = $0.checkIssuedAt(payload, at: Self.now) } == [check])
        #expect(found?.seconds == seconds)
    }

    @Test(arguments: [
        ("{}", []), (#"{"nbf": 1800000030}"#, ["nbf ok: valid since 2027-01-15T08:00:30Z"]),
        (#"{"nbf": 1800000031}"#, ["nbf fail: not valid before 2027-01-15T08:00:31Z"]),
        (#"{"nbf": -9223372036854775808}"#, ["nbf ok: valid since second -9223372036854775808"]),
        (#"{"nbf": 4133980799}"#, ["nbf fail: not valid before 2100-12-31T23:59:59Z"]),
        (#"{"nbf": 1800000030.9}"#, ["nbf warn: valid since 2027-01-15T08:00:30Z; \(fraction)"]),
        (#"{"nbf": 1800000031.0}"#, ["nbf fail: not valid before 2027-01-15T08:00:31Z"]),
        (#"{"nbf": "1"}"#, ["nbf fail: nbf is not a number of seconds"]),
    ])
    func notBeforeIsChecked(payload: String, checks: [String]) throws {
        let payload = try JSONReader.value(payload.utf8)
        #expect(report { $0.checkNotBefore(payload, at: Self.now) } == checks)
    }

    @Test(
        arguments: ["exp", "iat", "nbf"],
        ["1800000000000", "4133980800", "1800000000000.5", "1.8e12", "9223372036854775807", "1e99999999999999999999"])
    func millisecondsAreRefusedByName(claim: String, number: String) throws {
        let payload = try JSONReader.value(#"{"\#(claim)": \#(number)}"#.utf8)
        let checks = report { report in
            switch claim {
            case "exp": report.checkExpiry(payload, at: Self.now)
            case "iat": _ = report.checkIssuedAt(payload, at: Self.now)
            default: report.checkNotBefore(payload, at: Self.now)
            }
        }
        #expect(
            checks == ["\(claim) fail: \(claim) is beyond the year 2100: it seems to count milliseconds, not seconds"])
    }

    @Test(arguments: [("{}", true), ("[]", false), (#""x""#, false), ("null", false)])
    func claimsHaveToBeAnObject(payload: String, isObject: Bool) throws {
        var report = VerificationReport()
        #expect(report.checkClaims(try JSONReader.value(payload.utf8)) == isObject)
        #expect(report.isValid == isObject)
    }
}
