import SignetJOSE
import SignetRouting

/// `signet migrate status`: where each move stands, and what comes next.
enum MigrateStatusCommand {
    static let declaration = CommandDeclaration(
        path: ["migrate", "status"], summary: "tells where each move stands, what to check, and the next command",
        usages: ["[ROUTE] [--output json]"],
        discussion: ["Reads the configuration alone: no key is loaded, and nobody is asked."],
        operands: [
            Operand(
                name: "ROUTE", summary: "One route. Without it: every route that is moved.", completion: .names(.routes)
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
        let moves = routes.map { route in
            MigrationStatus(
                route: route, advice: MigrationAdvice(route: route, configurationOption: invocation.configurationOption)
            )
        }
        if isJSON {
            try Output.json(.array(moves.map(\.json)))
        } else if moves.isEmpty {
            Output.note("signet: no route is moved: none has \"migrate\"")
        } else {
            try Output.text(moves.map(\.text).joined(separator: "\n"))
        }
        return .done
    }
}
