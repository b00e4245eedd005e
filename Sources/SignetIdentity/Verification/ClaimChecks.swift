import SignetJOSE

/// The checks of registered claims (RFC 7519 §4.1) that vendors share.
extension VerificationReport {
    /// Whether the payload is an object; JWTs' are.
    public mutating func checkClaims(_ payload: JSONValue) -> Bool {
        let isObject = payload.members != nil
        require(
            isObject, "claims", "the payload is an object of claims", else: "the payload is not an object of claims")
        return isObject
    }

    /// `exp`: in the future, a clock's skew allowed for. Its absence is a warning.
    public mutating func checkExpiry(_ payload: JSONValue, at time: NumericDate) {
        guard let claim = payload["exp"] else {
            return note("exp", .warn, "there is no exp: the token is good for as long as the vendor says")
        }
        guard let seconds = claim.integer else {
            return note("exp", .fail, "exp is not a whole number of seconds")
        }
        let end = NumericDate(seconds: seconds).advanced(by: VerificationContext.clockSkew)
        require(time < end, "exp", "not expired", else: "expired at \(Self.shown(seconds))")
    }

    /// `iat`: present and not in the future, a clock's skew allowed for.
    ///
    /// - Returns: The moment, if the check held.
    public mutating func checkIssuedAt(_ payload: JSONValue, at time: NumericDate) -> NumericDate? {
        guard let claim = payload["iat"] else {
            note("iat", .fail, "there is no iat")
            return nil
        }
        guard let seconds = claim.integer else {
            note("iat", .fail, "iat is not a whole number of seconds")
            return nil
        }
        let issuedAt = NumericDate(seconds: seconds)
        let isPast = issuedAt <= time.advanced(by: VerificationContext.clockSkew)
        require(isPast, "iat", "issued at \(Self.shown(seconds))", else: "issued in the future: check the clocks")
        return isPast ? issuedAt : nil
    }

    /// `nbf`, where it is there: not in the future, a clock's skew allowed for.
    public mutating func checkNotBefore(_ payload: JSONValue, at time: NumericDate) {
        guard let claim = payload["nbf"] else { return }
        guard let seconds = claim.integer else {
            return note("nbf", .fail, "nbf is not a whole number of seconds")
        }
        let start = NumericDate(seconds: seconds).advanced(by: -VerificationContext.clockSkew)
        require(start <= time, "nbf", "good already", else: "not good before \(Self.shown(seconds))")
    }

    /// Years beyond four digits are shown as seconds.
    private static func shown(_ seconds: Int64) -> String {
        (0..<253_402_300_800).contains(seconds) ? NumericDate(seconds: seconds).rfc3339 : "second \(seconds)"
    }
}
