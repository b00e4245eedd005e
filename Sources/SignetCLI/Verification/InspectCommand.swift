import SignetIdentity
import SignetJOSE

/// `signet inspect`: decodes a token without verifying it.
enum InspectCommand {
    static let declaration = CommandDeclaration(
        path: ["inspect"], summary: "decodes a token and lists the problems of its form; verifies nothing",
        usages: ["[TOKEN|-] [--output json]"],
        discussion: [
            "Prints {\"header\",\"payload\",\"signature\",\"verified\":false,\"problems\":[…]}. \"problems\" lists every fault for which",
            "the token is refused with any key. If the payload has iat, nbf or exp, \"times\" explains them.",
        ],
        operands: [.token],
        flags: [.output],
        exits: [(.done, "the form of the token is right"), (.no, "the form has problems")],
        security: ["The contents are not verified: anybody can make such a token."],
        examples: ["signet sign uk-store --subject 12345 | signet inspect"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let inspection = CompactJWSInspection(try TokenInput.token(invocation.operand(0)))
        let problems = inspection.problems.map { problem -> JSONValue in
            ["code": .string(problem.code), "message": .string(problem.reason)]
        }
        let times = inspection.payload.map { ClaimedTimes.members(of: $0, at: .now) } ?? []
        let json = JSONValue.object(
            [
                JSONMember("header", inspection.header ?? .null), JSONMember("payload", inspection.payload ?? .null),
            ] + (times.isEmpty ? [] : [JSONMember("times", .object(times))])
                + [
                    JSONMember("signature", inspection.signature.map(JSONValue.string) ?? .null),
                    JSONMember("verified", false), JSONMember("problems", .array(problems)),
                ])
        try Output.report(asJSON: isJSON, json, text: PrettyJSON.text(of: json) + "\n")
        return problems.isEmpty ? .done : .no
    }
}

/// The times of a token's payload in words: `2026-01-31T12:00:00Z, expired 5 minutes ago`.
private enum ClaimedTimes {
    /// A member for each of `iat`, `nbf` and `exp` that is a number.
    static func members(of payload: JSONValue, at now: NumericDate) -> [JSONMember] {
        ["iat", "nbf", "exp"].compactMap { claim in
            guard let value = payload[claim], case .number = value else { return nil }
            return JSONMember(claim, .string(words(claim, value, now)))
        }
    }

    private static func words(_ claim: String, _ value: JSONValue, _ now: NumericDate) -> String {
        guard let seconds = NumericDate(claim: value)?.seconds, seconds >= 0 else {
            return "not a valid time"
        }
        let end = NumericDate.endOfClaims.seconds
        guard seconds < end else {
            let isThousandfold = (1_000_000_000..<end).contains(seconds / 1000)
            return isThousandfold
                ? "in milliseconds (\(NumericDate(seconds: seconds / 1000).rfc3339)), but a token's times are in seconds"
                : "after the year 2100"
        }
        return "\(NumericDate(seconds: seconds).rfc3339), \(relation(claim, seconds, now.seconds))"
    }

    private static func relation(_ claim: String, _ seconds: Int64, _ now: Int64) -> String {
        let isPast = seconds <= now
        let length = duration(isPast ? now - seconds : seconds - now)
        switch (claim, isPast) {
        case ("exp", true): return "expired \(length) ago"
        case ("exp", false): return "expires in \(length)"
        case ("nbf", true): return "valid since \(length) ago"
        case ("nbf", false): return "not valid yet, valid in \(length)"
        case (_, true): return "\(length) ago"
        case (_, false): return "in the future, in \(length)"
        }
    }

    private static func duration(_ seconds: Int64) -> String {
        let units: [(name: String, seconds: Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
        let unit = units.first { seconds >= $0.seconds } ?? units[3]
        let count = seconds / unit.seconds
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
