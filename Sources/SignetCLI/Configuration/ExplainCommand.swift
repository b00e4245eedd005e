import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet explain`: shows which connection a request would use, and why.
enum ExplainCommand {
    static let declaration = CommandDeclaration(
        path: ["explain"], summary: "shows which connection a request would use, and why; loads no key",
        usages: [
            "ROUTE [--subject ID] [--visitor ID] [--attribute K=V]… [--context K=V]… [--ongoing CONNECTION] [--output json]"
        ],
        discussion: [
            "On a route with a migration, shows the side of this customer; without --subject, the side of an anonymous",
            "visitor. The gateway decides the same, except for a fallback.",
        ],
        operands: [
            .route
        ],
        flags: [
            .config,
            .valued("--subject", "ID", "Your own id for the customer. Without it: an anonymous visitor."),
            .valued("--visitor", "ID", "The visitor's id that the backend sends as visitorId."),
            .attribute, .context,
            .valued(
                "--ongoing", "CONNECTION", "The connection of an ongoing conversation, as the page reports it.",
                completion: .names(.connections)),
            .output,
        ],
        examples: [
            "signet explain support --context brand=acme --context locale=en-GB",
            "signet explain help --subject 12345 --output json",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let route = try invocation.requiredOperand(0, "ROUTE")
        let isJSON = try invocation.wantsJSON()
        let query = try query(invocation)
        let configuration = try invocation.configuration(.inForceOf(route))
        let choice = try reporting {
            try configuration.routes.choose(route, for: query)
        }
        let connection = configuration.connections.first { $0.name == choice.connection }
        guard isJSON else {
            let side = choice.decision.map { ", side \"\($0.side.rawValue)\"" } ?? ""
            try Output.result(
                "\(route): \(choice.connection) (\(connection?.vendor ?? ""))\(side): \(choice.reason.text)")
            return .done
        }
        try Output.json(json(route, connection, choice))
        return .done
    }

    /// The request that the arguments describe, for the choice of a connection.
    private static func query(_ invocation: Invocation) throws(CommandFailure) -> RouteQuery {
        try invocation.refuse(["--attribute"], unless: "--subject")
        let attributes = try invocation.pairs("--attribute")
        var identity = Identity.anonymous
        if let subject = try invocation.subject(anonymous: "leave out --subject") {
            identity = .customer(
                try reporting {
                    try Customer(subject: subject, attributes: attributes)
                })
        }
        // An empty value counts as absent, as in a request.
        func given(_ flag: String) -> String? { invocation.value(flag).flatMap { $0.isEmpty ? nil : $0 } }
        return RouteQuery(
            identity, context: try invocation.pairs("--context"), visitorID: given("--visitor"),
            ongoing: given("--ongoing"))
    }

    private static func json(
        _ route: String, _ connection: Configuration.ConnectionEntry?, _ choice: RouteChoice
    ) -> JSONValue {
        var members = [
            JSONMember("route", .string(route)), JSONMember("connection", .string(choice.connection)),
            JSONMember("vendor", .string(connection?.vendor ?? "")),
            JSONMember("key", connection?.keys.first.map(JSONValue.string) ?? .null),
            JSONMember("reason", .string(choice.reason.code)), JSONMember("detail", .string(choice.reason.text)),
        ]
        if let decision = choice.decision { members.append(JSONMember("decision", decision.json)) }
        return .object(members)
    }
}

extension Migration.Decision {
    /// The side and the reason; the bucket and the cohort if they were used.
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("side", .string(side.rawValue)), JSONMember("reason", .string(reason.rawValue)),
        ]
        if let bucket { members.append(JSONMember("bucket", .number(JSONNumber(bucket.number)))) }
        if let cohort { members.append(JSONMember("cohort", .string(cohort))) }
        return .object(members)
    }
}
