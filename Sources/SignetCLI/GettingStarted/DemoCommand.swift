import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet demo`: signs one customer for every vendor and verifies each token as the vendor would. Then it runs the gateway with
/// a sandbox vendor for Pega, until it is stopped.
enum DemoCommand {
    static let declaration = CommandDeclaration(
        path: ["demo"],
        summary: "signs one customer for all vendors in a scratch folder, and runs the gateway there",
        usages: ["[DIR] [--once]"],
        discussion: [
            "Makes keys and a configuration, shows each vendor's token, and checks it as the vendor would. Then starts the gateway",
            "and fetches a badge for each vendor. A sandbox vendor on this machine replaces Pega, and no request leaves the",
            "machine. Stop it with Ctrl-C. No existing file in DIR is changed.",
        ],
        operands: [Operand(name: "DIR", summary: "The folder. Default: a scratch folder.", completion: .directory)],
        flags: [.toggle("--once", "Stops the gateway after the badges are fetched.")],
        exits: [(.no, "a token was not valid for its vendor, or a badge could not be fetched")],
        examples: ["signet demo", "signet demo signet-demo --once"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let directory: String
        let named = try invocation.directory(invocation.operand(0), "DIR")
        if let named { directory = named } else { directory = try scratchDirectory() }
        let sockets = try DemoSockets()
        let made = try InitCommand.make(in: directory, for: invocation.plugins, sockets.template)
        try Output.text("Files in \(directory):\n" + made.map { "  \($0)\n" }.joined())
        let path = "\(directory)/signet.json"
        let plugins = invocation.plugins
        let read = { @Sendable (pins: PinScope) throws(ConfigurationError) in
            try Configuration.read(path, plugins: plugins, pins: pins)
        }
        let router = try reporting { try read(.inForce).load() }
        var allValid = true
        for route in router.routes.routes {
            allValid = try show(route.name, router) && allValid
        }
        guard allValid else { return .no }
        let gateway = DemoGateway(
            directory: directory, sockets: sockets, routes: router.routes.routes.map(\.name), program: program)
        return try gateway.run(reading: read, once: invocation.has("--once"))
    }

    /// The command as it was called, because it may not be installed.
    private static var program: String {
        CommandLine.arguments.first.map(ShellCommand.quoted) ?? "signet"
    }

    private static func scratchDirectory() throws(CommandFailure) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/signet-demo.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw CommandFailure(
                .outside, "no scratch folder can be made in \(base)", hint: "name a folder: signet demo DIR")
        }
        return String(cString: made)
    }

    private static func show(_ route: String, _ router: Router) throws(CommandFailure) -> Bool {
        let connection = try reporting {
            try router.route(route).connection
        }
        let customer = try reporting {
            try Customer(subject: "12345", email: "ada@example.com", name: "Ada Lovelace")
        }
        let session: SessionPurpose? = connection.needsSession ? .create : nil
        let signed = try reporting(as: .no) {
            try connection.sign(.customer(customer), in: SigningContext(route: route, session: session))
        }
        let report = connection.verify(signed.token.compact, in: VerificationContext(session: session))
        let header = report.header.map { JSONWriter.text(of: $0) } ?? ""
        let payload = report.payload.map { JSONWriter.text(of: $0) } ?? ""
        try Output.text(
            """

            \(route): customer 12345, signed for connection \(connection.name)
              token    \(signed.token.compact)
              header   \(header)
              payload  \(payload)
              to       \(destination(of: signed, connection))
              verified as the vendor would:

            """ + report.lines.split(separator: "\n").map { "    \($0)\n" }.joined())
        return report.isValid
    }

    /// The receiver of the token: the page in a badge, or the vendor in a request.
    private static func destination(of signed: SignedIdentity, _ connection: VendorConnection) -> String {
        switch signed.token {
        case .browser(let token): "the page, in a badge of kind \(token.kind.rawValue)"
        case .backend(let token):
            "\(token.request.method) \(token.request.url) with body \(token.request.body), never to a page"
        }
    }
}
