import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// Commands, and the gateway, with a file of pinned subjects that is missing, at fault, or changing.
@Suite struct PinFileTests {
    private static let live = #""stage": "live", "percent": 50, "pin": { "to": { "file": "go.txt" } }"#

    @Test func stepBackSucceedsWithoutThePinFile() throws {
        let workplace = try Workplace.migrating(Self.live)
        let outcome = try workplace.signet("migrate", "back", "help", "--stage", "off", "--force")
        #expect(outcome.status == 0)
        #expect(outcome.output == "help: live 50 % -> off\n")
        #expect(try workplace.directory.text("signet.json").contains(#""stage": "off""#))
    }

    @Test func stepIntoLiveIsRefusedWithoutThePinFile() throws {
        let workplace = try Workplace.migrating(Self.live.replacing("live", with: "shadow"))
        let outcome = try workplace.signet("migrate", "advance", "help")
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("go.txt"))
        let check = try workplace.signet("check")
        #expect(check.status == 0)
        #expect(check.notes.contains { $0.contains(": warning: ") && $0.contains("go.txt") }, "\(check.errors)")
    }

    @Test(arguments: [
        ["sign", "dg", "--subject", "1"], ["explain", "dg"], ["explain", "support", "--subject", "1"],
        ["sign", "--connection", "dg-eu", "--subject", "1"],
    ])
    func pinFileOfAnotherRouteIsNotRead(arguments: [String]) throws {
        let workplace = try Workplace.migrating(Self.live)
        #expect(try workplace.signet(arguments).status == 0)
    }

    @Test(arguments: [["sign", "help", "--subject", "1"], ["explain", "help"]])
    func pinFileOfTheRouteIsRead(arguments: [String]) throws {
        #expect(try Workplace.migrating(Self.live).signet(arguments).status == 3)
    }

    @Test func previewCountsPinsBeforeTheyAreInForce() throws {
        let workplace = try Workplace.migrating(
            Self.live.replacing("live", with: "shadow").replacing("50", with: "0"))
        try workplace.directory.write("1\n", to: "go.txt")
        let outcome = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-"], input: #"{"subject":"1","email":"e"}"#)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("1  \"to\"    pin") || outcome.output.contains("1  \"to\"  pin"))
    }

    // MARK: The gateway

    private static func moving(_ directory: ScratchDirectory) -> String {
        RunningGateway.configuration(directory)
            .replacing(
                #""routes": { "#,
                with: #""routes": { "help": { "migrate": { "from": "dg-eu", "to": "dg-two", "stage": "live","#
                    + #" "percent": 0, "pin": { "to": { "file": "go.txt" } } } }, "#
            )
            .replacing(
                #""connections": { "#,
                with: #""connections": { "dg-two": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" }, "#)
    }

    private static func gateway() throws -> RunningGateway {
        try RunningGateway({ moving($0) }, prepare: { try $0.write("a\n", to: "go.txt") })
    }

    private static func side(_ subject: String, _ gateway: RunningGateway) throws -> String? {
        let json = try gateway.badge("help", #"{"subject":"\#(subject)"}"#).json
        return (json["decision"] as? [String: Any])?["side"] as? String
    }

    @Test func changedPinFileIsInForceWithinSeconds() throws {
        let gateway = try Self.gateway()
        #expect(try Self.side("b", gateway) == "from")
        try gateway.directory.write("a\nb\n", to: "go.txt")
        #expect(try gateway.event("reloaded")["cause"] as? String == "file")
        #expect(try Self.side("b", gateway) == "to")
    }

    @Test func pinFileThatAppearsLaterIsAwaited() throws {
        let gateway = try RunningGateway()
        try gateway.directory.write(Self.moving(gateway.directory), to: "signet.json")
        _ = try gateway.event("reload-failed")
        try gateway.directory.write("a\n", to: "go.txt")
        _ = try gateway.event("reloaded")
        #expect(try Self.side("a", gateway) == "to")
    }

    @Test func pinFileThatKeepsChangingDelaysNothing() throws {
        let gateway = try Self.gateway()
        let path = gateway.directory.path("go.txt")
        // Without a pause: whatever is read, the file is another one by then.
        let writer = Process()
        writer.executableURL = URL(filePath: "/bin/sh")
        writer.arguments = [
            "-c", "i=0; while [ -e \"$1\" ] && [ $i -lt 40000000 ]; do echo x$i >> \"$1\"; i=$((i+1)); done", "sh",
            path,
        ]
        try writer.run()
        defer {
            // A thread of the tests may block SIGTERM, and what it starts has that from it.
            kill(writer.processIdentifier, SIGKILL)
            writer.waitUntilExit()
        }
        let text = Self.moving(gateway.directory).replacing(#""stage": "live""#, with: #""stage": "shadow""#)
            .replacing(#""percent": 0"#, with: #""percent": 100"#)
        #expect(try Self.side("a", gateway) == "to")
        try gateway.directory.write(text, to: "signet.json")
        let end = ContinuousClock.now + .seconds(60)
        var isInForce = false
        while !isInForce, ContinuousClock.now < end {
            isInForce = try Self.side("a", gateway) == "from"
            if !isInForce { usleep(100_000) }
        }
        #expect(isInForce)
        #expect(writer.isRunning)
    }
}
