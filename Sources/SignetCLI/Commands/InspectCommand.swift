import SignetIdentity
import SignetJOSE

/// `signet inspect`: what stands in a token, without believing any of it.
enum InspectCommand {
    static let declaration = CommandDeclaration(
        path: ["inspect"], summary: "shows what stands in a token and what is wrong with it; verifies nothing",
        usages: ["[TOKEN|-] [--output json]"],
        discussion: [
            "Prints {\"header\",\"payload\",\"signature\",\"verified\":false,\"problems\":[…]}. \"problems\" holds everything that",
            "would have the token refused whatever the key is. \"times\", where a payload has iat, nbf or exp, says them in words.",
        ],
        operands: [Operand(name: "TOKEN", summary: "The token; without it, or with -, it is read from stdin.")],
        flags: [.output],
        exits: [(.done, "nothing is wrong with its form"), (.no, "something is")],
        security: ["What is shown was not verified: anybody can write it."],
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
        try Output.text((isJSON ? JSONWriter.text(of: json) : PrettyJSON.text(of: json)) + "\n")
        return problems.isEmpty ? .done : .no
    }
}
