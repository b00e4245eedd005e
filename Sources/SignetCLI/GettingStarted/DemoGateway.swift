import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSandbox
import SignetServer
import SignetSystem

/// The sockets of a demo: the ports of the documentation if they are free.
struct DemoSockets {
    let main: ListeningSocket
    let admin: ListeningSocket
    let pega: ListeningSocket

    init() throws(CommandFailure) {
        (main, admin, pega) = try reporting {
            (try Self.open(ListenAddress.port), try Self.open(ListenAddress.adminPort), try Self.open(0))
        }
    }

    private static func open(_ port: UInt16) throws(SignetError) -> ListeningSocket {
        do {
            return try .tcp(host: "127.0.0.1", port: port)
        } catch {
            return try .tcp(host: "127.0.0.1", port: 0)
        }
    }

    /// The configuration with these addresses.
    func template(tokenDigest: String) -> InitTemplate {
        InitTemplate(
            tokenDigest: tokenDigest, listen: main.name, adminListen: admin.name, pegaOrigin: "http://\(pega.name)")
    }
}

/// The gateway of a demo, and a sandbox vendor in place of Pega.
struct DemoGateway {
    let directory: String
    let sockets: DemoSockets
    let routes: [String]
    /// How signet is called.
    let program: String

    private static let customer = #"{"subject":"12345","email":"ada@example.com","name":"Ada Lovelace"}"#

    /// Serves and fetches a badge of each route. Goes on serving unless `once` is true.
    func run(
        reading read: @escaping ConfigurationLoad.Reading, once: Bool
    ) throws(CommandFailure) -> ExitStatus {
        let (sockets, sandbox) = (sockets, try sandboxPega())
        let pega = try reporting(as: .outside) {
            try HTTPServer(on: sockets.pega, trustsPeers: true, handler: sandbox)
        }
        defer { pega.finish(within: 0) }
        var allCame = true
        let run = try ServeRun("\(directory)/signet.json", reading: read) { _ in
            .init(main: sockets.main, admin: sockets.admin)
        }
        let status = try run.serve { () throws(CommandFailure) in
            for route in routes { allCame = try fetchBadge(of: route) && allCame }
            if !once { try Output.text(instructions) }
            return !once && allCame
        }
        return allCame ? status : .no
    }

    private func sandboxPega() throws(CommandFailure) -> SandboxPega {
        let path = "\(directory)/keys/pega.secret"
        let (contents, _) = try reporting {
            try FileReading.secret(atPath: path)
        }
        let key = try reporting(in: path) {
            try HS256Key(secret: try SecretEncoding.utf8.decode(contents))
        }
        return SandboxPega(widgetID: InitTemplate.pegaWidgetID, key: key)
    }

    private func fetchBadge(of route: String) throws(CommandFailure) -> Bool {
        let answer = try BlockingRequest.post(
            "http://\(sockets.main.name)/v1/routes/\(route)/badge", Self.customer, bearer: try token())
        try Output.text(
            """

            \(route): a badge from the gateway, HTTP \(answer.status)
              \(String(decoding: answer.body, as: UTF8.self).visible)

            """)
        return answer.status == 200
    }

    private func token() throws(CommandFailure) -> String {
        let directory = directory
        let (contents, _) = try reporting {
            try FileReading.secret(atPath: "\(directory)/keys/backend.token")
        }
        return contents.withUnsafeBytes { String(decoding: SecretEncoding.withoutLineEnd($0), as: UTF8.self) }
    }

    private var instructions: String {
        let audit = "audit verify " + ShellCommand.quoted("\(directory)/audit.jsonl")
        let commands = [audit, "sign talkative --subject 12345"].map {
            ShellCommand.signet($0, configuration: "\(directory)/signet.json", program: program)
        }
        return """

            The gateway runs on \(sockets.main.name). Stop it with Ctrl-C. In another terminal:
              curl -H "Authorization: Bearer $(cat \(ShellCommand.quoted("\(directory)/keys/backend.token")))" \\
                --json '\(Self.customer)' \\
                http://\(sockets.main.name)/v1/routes/talkative/badge       # or pega, or dg
              curl http://\(sockets.admin.name)/metrics
              \(commands[0])
              \(commands[1])

            To make a configuration for your own values, run \(program) init.

            """
    }
}

/// An HTTP request of a command that has nothing else to do.
private enum BlockingRequest {
    /// Posts JSON and waits for the answer, at most 30 seconds.
    static func post(_ url: String, _ body: String, bearer: String) throws(CommandFailure) -> VendorAnswer {
        let request = VendorRequest(
            method: "POST", url: url,
            headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(bearer)")], body: body)
        let transport = try reporting { try CurlTransport() }
        let answer = try Waiting.value { () async -> VendorAnswer? in
            try? await transport.send(request, within: TransportLimits(connect: 2_000, total: 30_000))
        }
        guard let answer else { throw CommandFailure(.outside, "\(url) does not answer") }
        return answer
    }
}
