import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet sign`: signs one identity or a batch of them.
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
            "A Pega token is for an existing session (--session SID) or for creating one (--for create). --output json also",
            "shows the request to send. --identity reads one JSON object, and --batch one per line (NDJSON):",
            #"  {"subject":"12345","email":"ada@example.com","attributes":{"package":"gold"},"context":{"brand":"acme"}}"#,
            #"  {"anonymous":true}"#,
            "A batch writes a result for each line in order: {\"line\":N,…}. An invalid line gets an error as its result. If a line",
            #"has "ref", a string or a number, its result has it too. With --output text a result is only the token, or an"#,
            "empty line for an invalid one, and stderr says why.",
            "On a route with a migration, only the side of the identity signs: \"visitorId\", \"context\" and",
            "\"page\": {\"ongoing\"} of the JSON count as they do at the gateway.",
        ],
        operands: [
            .route
        ],
        flags: [
            .config, .connection,
            .valued("--subject", "ID", "Your own id for the customer."),
            .valued("--email", "E", "The customer's email address."),
            .valued("--name", "N", "The customer's name."),
            .valued("--phone", "P", "The customer's telephone number."),
            .attribute, .context, .session, .sessionUse,
            .toggle("--anonymous", "Signs for an anonymous visitor."),
            .valued("--identity", "FILE|-", "Reads the identity from a JSON file.", completion: .file),
            .valued("--batch", "FILE|-", "Reads one identity per line.", completion: .file),
            .output,
        ],
        exits: [
            (.no, "the identity cannot be signed for the vendor, a line of the batch failed, or the batch is empty")
        ],
        security: [
            "Every user of the machine can see the command line: use --identity - for personal data.",
            "A token proves to the vendor who the customer is. Pega's token must never leave the backend.",
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
        let setup = try SigningSetup(configuration, target: target, purpose: purpose, context: context)
        if let batch = invocation.value("--batch") {
            return try BatchRun(setup: setup, isJSON: invocation.value("--output") == nil || isJSON).run(batch)
        }
        let request = try request(invocation)
        var warnings = UnreadWarnings(setup.readMembers)
        warnings.warn(of: setup.unread(in: request))
        let signed: SignedIdentity
        do {
            signed = try setup.sign(request)
        } catch {
            guard error.isMissingSession, purpose == nil else { throw error }
            throw CommandFailure(error.status, error.message, hint: CommandFailure.sessionHint)
        }
        try Output.report(asJSON: isJSON, signed.json(route: setup.route), text: signed.token.compact + "\n")
        return .done
    }

    private static func checkFlags(_ invocation: Invocation) throws(CommandFailure) {
        try invocation.refuse(identityFlags + ["--anonymous", "--identity"], with: "--batch")
        try invocation.refuse(identityFlags + ["--anonymous"], with: "--identity")
        try invocation.refuse(identityFlags, with: "--anonymous")
        let inputs = [try invocation.file("--identity"), try invocation.file("--batch")]
        try invocation.refuseStandardInputTwice(inputs + [invocation.configurationPath])
        if invocation.has("--connection"), invocation.operand(0) != nil {
            throw CommandFailure(.wrongUse, "ROUTE and --connection exclude each other")
        }
        let named = ["--subject", "--anonymous", "--identity", "--batch"]
        guard named.contains(where: invocation.has) else {
            throw CommandFailure(
                .wrongUse, "no identity is named",
                hint: "use --subject ID, --anonymous, --identity FILE or --batch FILE")
        }
    }

    private static func request(_ invocation: Invocation) throws(CommandFailure) -> SigningRequest {
        if let path = invocation.value("--identity") {
            let bytes = try reporting {
                try FileReading.bytes(atPath: path, limit: 64 * 1024)
            }
            do throws(SignetError) {
                return try SigningRequest(json: bytes)
            } catch {
                throw CommandFailure(.wrongUse, error.description, hint: error.hint)
            }
        }
        if invocation.has("--anonymous") { return SigningRequest(.anonymous) }
        let attributes = try invocation.pairs("--attribute")
        let subject = try invocation.subject(anonymous: "use --anonymous") ?? ""
        return try reporting {
            SigningRequest(
                .customer(
                    try Customer(
                        subject: subject, email: invocation.value("--email"),
                        name: invocation.value("--name"), phone: invocation.value("--phone"), attributes: attributes)))
        }
    }
}
