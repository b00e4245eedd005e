import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet sign`: one identity, or a batch of them.
enum SignCommand {
    static let declaration = CommandDeclaration(
        path: ["sign"], summary: "signs an identity for the vendor that a route leads to, and prints the token",
        usages: [
            "ROUTE --subject ID [--email E] [--name N] [--phone P] [--attribute K=V]… [--context K=V]…",
            "ROUTE --subject ID … (--session SID | --for create)", "ROUTE --anonymous | --identity FILE|-",
            "--connection NAME --subject ID …",
            "ROUTE --batch FILE|-",
        ],
        discussion: [
            "A Pega token is for one session, --session SID, or for making one, --for create; --output json shows the",
            "request that goes with it. --identity takes one JSON object, --batch one a line (NDJSON):",
            #"  {"subject":"12345","email":"ada@example.com","attributes":{"package":"gold"},"context":{"brand":"acme"}}"#,
            #"  {"anonymous":true}"#,
            "A batch answers each line in order, {\"line\":N,…}, and reports a bad line in its place. A line's own",
            #""ref", a string or a number, stands in its answer, too. With --output text an answer is the token alone, a"#,
            "bad line is answered by an empty one, and stderr says why.",
            "On a route in the middle of a move it signs for the side that the identity is on, and for no other: \"visitorId\",",
            "\"context\" and \"page\": {\"ongoing\"} of the JSON count as they do at the gateway.",
        ],
        operands: [
            Operand(name: "ROUTE", summary: "The route, as the configuration names it.", completion: .names(.routes))
        ],
        flags: [
            .config,
            .valued(
                "--connection", "NAME", "Signs for this connection, whatever the routes say.",
                completion: .names(.connections)),
            .valued("--subject", "ID", "The company's own id for the customer."),
            .valued("--email", "E", "The customer's address."),
            .valued("--name", "N", "The customer's name."),
            .valued("--phone", "P", "The customer's telephone number."),
            .valued("--attribute", "K=V", "Anything else about the customer.", repeats: true),
            .valued("--context", "K=V", "What the routes' \"when\" reads. Never signed.", repeats: true),
            .valued("--session", "SID", "Pega: signs for this session."),
            .valued("--for", "create", "Pega: signs for making a session.", completion: .words(["create"])),
            .toggle("--anonymous", "A stranger."),
            .valued("--identity", "FILE|-", "Reads the identity from a file of JSON.", completion: .file),
            .valued("--batch", "FILE|-", "Reads one identity a line.", completion: .file),
            .output,
        ],
        exits: [
            (.no, "the vendor's form cannot hold the identity; of a batch: a line failed")
        ],
        security: [
            "The command line is seen by everybody on the machine: take --identity - for personal data.",
            "A token is as good as the customer's presence at the vendor. Pega's must never leave the backend.",
        ],
        examples: [
            "signet sign uk-store --subject 12345 --email ada@example.com",
            "signet sign us-store --subject 12345 --for create --output json",
            "signet sign uk-store --batch customers.ndjson > signed.ndjson",
        ],
        run: run)

    private static let identityFlags = ["--subject", "--email", "--name", "--phone", "--attribute"]

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        try checkFlags(invocation)
        let purpose = try invocation.sessionPurpose()
        let isJSON = try invocation.wantsJSON()
        let context = try invocation.pairs("--context")
        let configuration = try invocation.configuration(invocation.pinsOfRoute)
        let target = try invocation.target(invocation.operand(0), in: configuration)
        let desk = try SigningDesk(configuration, target: target, purpose: purpose, context: context)
        if let batch = invocation.value("--batch") {
            return try BatchRun(desk: desk, isJSON: invocation.value("--output") == nil || isJSON).run(batch)
        }
        let request = try request(invocation)
        var warnings = UnreadWarnings(desk.readMembers)
        warnings.warn(of: desk.unread(in: request))
        let signed = try failing(failure(for: purpose)) { () throws(SigningDesk.Refusal) in try desk.sign(request) }
        let json = signed.json(route: target.route)
        try Output.result(isJSON ? JSONWriter.text(of: json) : signed.token.compact)
        return .done
    }

    private static func checkFlags(_ invocation: Invocation) throws(CommandFailure) {
        try invocation.refuse(identityFlags + ["--anonymous", "--identity"], with: "--batch")
        try invocation.refuse(identityFlags + ["--anonymous"], with: "--identity")
        try invocation.refuse(identityFlags, with: "--anonymous")
        for flag in ["--identity", "--batch"] where invocation.value(flag)?.hasPrefix("{") == true {
            throw CommandFailure(.wrongUse, "\(flag) wants a file or -, not the JSON itself")
        }
        if invocation.has("--connection"), invocation.operand(0) != nil {
            throw CommandFailure(.wrongUse, "a route and --connection cannot stand together")
        }
        let named = ["--subject", "--anonymous", "--identity", "--batch"]
        guard named.contains(where: invocation.has) else {
            throw CommandFailure(
                .wrongUse, "nobody to sign for",
                hint: "--subject ID, --anonymous, --identity FILE or --batch FILE")
        }
    }

    private static func request(_ invocation: Invocation) throws(CommandFailure) -> SigningRequest {
        if let path = invocation.value("--identity") {
            let bytes = try failing({ CommandFailure($0) }) { () throws(SignetError) in
                try FileReading.bytes(atPath: path, limit: 64 * 1024)
            }
            return try failing(identityFailure) { () throws(SignetError) in try SigningRequest(json: bytes) }
        }
        if invocation.has("--anonymous") { return SigningRequest(.anonymous) }
        let attributes = try invocation.pairs("--attribute")
        return try failing({ CommandFailure(.wrongUse, $0) }) { () throws(SignetError) in
            SigningRequest(
                .customer(
                    try Customer(
                        subject: invocation.value("--subject") ?? "", email: invocation.value("--email"),
                        name: invocation.value("--name"), phone: invocation.value("--phone"), attributes: attributes)))
        }
    }

    private static func identityFailure(_ error: SignetError) -> CommandFailure {
        let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
        return CommandFailure(.wrongUse, "\(place)\(error.reason)", hint: error.hint)
    }

    /// A token bound to a session, and none named: wrong use of the command, told in its own flags.
    private static func failure(for purpose: SessionPurpose?) -> (SigningDesk.Refusal) -> CommandFailure {
        { refusal in
            switch refusal {
            case .identity(let error): CommandFailure(.wrongUse, error)
            case .routing(let error): CommandFailure(.wrongUse, error)
            case .signing(let error) where error.isFault(SigningFault.sessionRequired):
                CommandFailure(
                    .wrongUse, error.reason,
                    hint: purpose == nil ? CommandFailure.sessionHint : error.hint)
            case .signing(let error) where error.isFault(SigningFault.noKey): CommandFailure(.wrongUse, error)
            case .signing(let error): CommandFailure(error.isFault(SigningFault.failed) ? .outside : .no, error)
            }
        }
    }
}
