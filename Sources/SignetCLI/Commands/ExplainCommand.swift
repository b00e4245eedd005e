import SignetJOSE
import SignetRouting

/// `signet explain`: which vendor a request would go to, and why.
enum ExplainCommand {
    static let declaration = CommandDeclaration(
        path: ["explain"], summary: "tells which connection a route leads to, and why; loads no key",
        usages: ["ROUTE [--subject ID] [--context K=V]… [--output json]"],
        operands: [Operand(name: "ROUTE", summary: "The route, as the configuration names it.")],
        flags: [
            .config,
            .valued("--subject", "ID", "The customer, for routes in the middle of a move."),
            .valued("--context", "K=V", "What the routes' \"when\" reads.", repeats: true),
            .output,
        ],
        examples: ["signet explain support --context brand=acme --context locale=en-GB"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let route = try invocation.requiredOperand(0, "ROUTE")
        let isJSON = try invocation.wantsJSON()
        let context = try invocation.pairs("--context")
        let configuration = try invocation.configuration()
        let choice = try failing({ CommandFailure(.wrongUse, $0) }) { () throws(RoutingError) in
            try configuration.routes.choose(route, context: context)
        }
        let connection = configuration.connections.first { $0.name == choice.connection }
        let vendor = connection?.vendor ?? ""
        guard isJSON else {
            try Output.result("\(route): \(choice.connection) (\(vendor)): \(choice.reason.text)")
            return .done
        }
        let json: JSONValue = [
            "route": .string(route), "connection": .string(choice.connection), "vendor": .string(vendor),
            "key": connection?.keys.first.map(JSONValue.string) ?? .null, "reason": .string(choice.reason.code),
            "detail": .string(choice.reason.text),
        ]
        try Output.result(JSONWriter.text(of: json))
        return .done
    }
}
