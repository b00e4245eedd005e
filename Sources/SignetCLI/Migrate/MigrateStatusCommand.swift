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
        let routes: [MovingRoute]
        if let name = invocation.operand(0) {
            routes = [try MovingRoute.named(name, in: configuration)]
        } else {
            routes = MovingRoute.all(in: configuration)
        }
        let flag = invocation.value("--config").map { " -c \($0.quotedForShell)" } ?? ""
        let moves = routes.map { route in
            MoveStatus(route: route, advice: MoveAdvice(route: route, configuration: flag))
        }
        if isJSON {
            try Output.result(JSONWriter.text(of: .array(moves.map(\.json))))
        } else if moves.isEmpty {
            Output.note("signet: no route is moved: none has \"migrate\"")
        } else {
            try Output.text(moves.map(\.text).joined(separator: "\n"))
        }
        return .done
    }
}

extension String {
    /// As one word of a shell's command line.
    fileprivate var quotedForShell: String {
        let plain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return plain && !isEmpty ? self : "'\(replacing("'", with: "'\\''"))'"
    }
}
