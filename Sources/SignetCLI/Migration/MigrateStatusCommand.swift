import SignetConfiguration
import SignetJOSE
import SignetRouting

/// `signet migrate status`: shows the stage of each migration and the next command.
enum MigrateStatusCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "status"], summary: "shows the stage of each migration, what to check, and the next command",
        usages: ["[ROUTE] [--output json]"],
        discussion: ["Reads only the configuration: no key is loaded, and no vendor is called."],
        operands: [
            Operand(
                name: "ROUTE", summary: "A route with \"migrate\". Default: every such route.",
                completion: .names(.routes)
            )
        ],
        flags: [.config, .output],
        examples: ["signet migrate status", "signet migrate status help --output json"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let isJSON = try invocation.wantsJSON()
        let configuration = try invocation.configuration(invocation.operand(0).map(PinScope.inForceOf) ?? .inForce)
        let routes: [MigratingRoute]
        if let name = invocation.operand(0) {
            routes = [try MigratingRoute.named(name, in: configuration)]
        } else {
            routes = MigratingRoute.all(in: configuration)
        }
        let statuses = routes.map { route in
            MigrationStatus(
                route: route, advice: MigrationAdvice(route: route, configurationOption: invocation.configurationOption)
            )
        }
        if isJSON {
            try Output.json(.array(statuses.map(\.json)))
        } else if statuses.isEmpty {
            Output.note("signet: no route has \"migrate\"")
        } else {
            try Output.text(statuses.map(\.text).joined(separator: "\n"))
        }
        return .done
    }
}
