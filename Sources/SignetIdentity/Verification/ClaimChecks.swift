import SignetJOSE

/// The checks of registered claims (RFC 7519 §4.1) that vendors share.
extension VerificationReport {
    /// Checks that the payload is an object, as a JWT requires.
    public mutating func checkClaims(_ payload: JSONValue) -> Bool {
        let isObject = payload.members != nil
        require(
            isObject, "claims", "the payload is an object of claims", else: "the payload is not an object of claims")
        return isObject
    }

    /// Checks that `exp` is in the future, with tolerance for clock skew. Its absence is a warning.
    public mutating func checkExpiry(_ payload: JSONValue, at time: NumericDate) {
        guard payload["exp"] != nil else {
            return note("exp", .warn, "there is no exp: the vendor decides how long the token is valid")
        }
        guard let end = checkedTime("exp", of: payload) else { return }
        requireTime(
            time < end.advanced(by: VerificationContext.clockSkew), "exp", of: payload, "not expired",
            else: "expired at \(Self.shown(end))")
    }

    /// Checks that `iat` is present and not in the future, with tolerance for clock skew.
    ///
    /// - Returns: The time, if the check passed.
    public mutating func checkIssuedAt(_ payload: JSONValue, at time: NumericDate) -> NumericDate? {
        guard payload["iat"] != nil else {
            note("iat", .fail, "there is no iat")
            return nil
        }
        guard let issuedAt = checkedTime("iat", of: payload) else { return nil }
        let isPast = issuedAt <= time.advanced(by: VerificationContext.clockSkew)
        requireTime(
            isPast, "iat", of: payload, "issued at \(Self.shown(issuedAt))",
            else: "issued in the future: check the clocks")
        return isPast ? issuedAt : nil
    }

    /// Checks that `nbf`, if present, is not in the future, with tolerance for clock skew.
    public mutating func checkNotBefore(_ payload: JSONValue, at time: NumericDate) {
        guard payload["nbf"] != nil, let start = checkedTime("nbf", of: payload) else { return }
        requireTime(
            start.advanced(by: -VerificationContext.clockSkew) <= time, "nbf", of: payload,
            "valid since \(Self.shown(start))", else: "not valid before \(Self.shown(start))")
    }

    /// A claim's time. If it is not a valid time, records a failure and returns nil.
    private mutating func checkedTime(_ name: String, of payload: JSONValue) -> NumericDate? {
        guard let time = NumericDate(claim: payload[name]) else {
            note(name, .fail, "\(name) is not a number of seconds")
            return nil
        }
        guard time < NumericDate.endOfClaims else {
            note(name, .fail, "\(name) is beyond the year 2100: it seems to count milliseconds, not seconds")
            return nil
        }
        return time
    }

    /// Records a check of a time. A fraction is a warning: RFC 7519 §2 allows it, and many programs refuse it.
    private mutating func requireTime(
        _ condition: Bool, _ name: String, of payload: JSONValue, _ detail: String, else fault: String
    ) {
        guard condition, payload[name]?.integer == nil else { return require(condition, name, detail, else: fault) }
        note(name, .warn, "\(detail); it is not written as a whole number, which some programs refuse")
    }

    /// The time in RFC 3339, or in seconds if the year has more than four digits.
    private static func shown(_ time: NumericDate) -> String {
        (0..<253_402_300_800).contains(time.seconds) ? time.rfc3339 : "second \(time.seconds)"
    }
}
