import Foundation
import SignetSystem
import SignetTestSupport
import Testing

/// `signet serve`: the real binary, on real sockets.
@Suite struct ServeTests {
    @Test func gatewayServesUntilItIsStopped() throws {
        let gateway = try RunningGateway()
        #expect(try gateway.get("/health/ready", admin: true).json["status"] as? String == "ready")
        #expect(try gateway.get("/health/alive", admin: true).status == 200)
        let badge = try gateway.badge()
        #expect(badge.status == 200)
        #expect((badge.json["badge"] as? [String: Any])?["kind"] as? String == "authToken")
        let metrics = try gateway.get("/metrics", admin: true)
        #expect(metrics.body.contains(#"signet_requests_total{route="shop",vendor="dg",status="200"} 1"#))
        #expect(metrics.body.contains("signet_connections_open"))
        gateway.signal(SIGTERM)
        #expect(gateway.status() == 0)
        #expect(try gateway.event("stopped")["level"] as? String == "info")
        #expect(gateway.log.filter { $0["event"] as? String == "request" }.count == 1)
        #expect(gateway.directory.exists("s") == false)
    }

    @Test func callersDoNotReachTheAdminEndpoints() throws {
        let gateway = try RunningGateway()
        for path in ["/metrics", "/health/ready", "/health/alive"] {
            #expect(try gateway.get(path).status == 404)
        }
        for path in ["/v1/routes", "/openapi.json", "/.well-known/jwks.json"] {
            #expect(try gateway.get(path, admin: true).status == 404)
        }
    }

    /// A page of another site reads nothing, under whatever name it finds the admin side.
    @Test(arguments: [
        (["-H", "Host: evil.example"], "403 host-not-allowed"), (["-H", "Host;"], "403 host-not-allowed"),
        (["-H", "Host:", "-0"], "403 host-not-allowed"),
        (["-H", "Host: 127.0.0.1.evil.example"], "403 host-not-allowed"),
        (["-H", "Host: evil.example", "--request-target", "http://evil.example/metrics"], "403 host-not-allowed"),
        (["-H", "Host: evil.example", "--request-target", "http://localhost/metrics"], "400 malformed-request"),
        (["-H", "Host: LOCALHOST:9787", "--request-target", "http://LOCALHOST:9787/metrics"], "200 "),
        (["-H", "Host: [::1]:9787"], "200 "), (["-H", "Host: signet.internal"], "200 "),
        (["-H", "Origin: null"], "403 browser-not-allowed"),
        (["-H", "Origin: http://evil.example"], "403 browser-not-allowed"),
        (["-H", "Origin: http://localhost"], "200 "),
        (["-H", "Sec-Fetch-Site: cross-site"], "403 browser-not-allowed"),
        (["-H", "Sec-Fetch-Site: same-site"], "403 browser-not-allowed"), (["-H", "Sec-Fetch-Site: none"], "200 "),
    ])
    func adminListenerRefusesOtherSites(arguments: [String], outcome: String) throws {
        let gateway = try RunningGateway {
            RunningGateway.configuration($0).replacing(
                #""admin": {"#, with: #""admin": { "hosts": ["signet.internal"],"#)
        }
        for path in ["/metrics", "/health/ready"] {
            let answer = try gateway.get(path, admin: true, arguments)
            #expect("\(answer.status) \(answer.json["code"] as? String ?? "")" == outcome)
            #expect(!answer.body.isEmpty && (answer.status == 200 || !answer.body.contains("signet_")))
        }
    }

    @Test func changedConfigurationIsInForceWithinSeconds() throws {
        let gateway = try RunningGateway()
        let before = try #require(gateway.log.last?["configDigest"] as? String)
        try gateway.directory.write(
            RunningGateway.configuration(gateway.directory, keyID: "two"), to: "signet.json")
        let line = try gateway.event("reloaded")
        #expect(line["cause"] as? String == "file")
        #expect(line["configDigest"] as? String != before)
        #expect(line["keys"] as? [String] == ["dg"])
        #expect(line["signing"] as? [String: String] == ["dg-eu": "dg"])
        #expect(line["connections"] == nil && line["routes"] == nil && line["certificate"] == nil)
        #expect(try keyID(of: gateway.badge()) == "two")
        #expect(
            try gateway.get("/metrics", admin: true).body.contains(#"signet_config_reloads_total{result="success"} 1"#))
    }

    @Test func signalReloadsAtOnce() throws {
        let gateway = try RunningGateway()
        gateway.signal(SIGHUP)
        let line = try gateway.event("reloaded")
        #expect(line["cause"] as? String == "signal")
        // Nothing has changed.
        #expect(Set(line.keys) == ["time", "level", "event", "cause", "configDigest"])
    }

    @Test func reloadLogsItsChanges() throws {
        let gateway = try RunningGateway()
        let text = RunningGateway.configuration(gateway.directory, keyID: "one")
        let changed = text.replacing(#""routes": {"#, with: #""routes": { "another": { "connection": "dg-eu" },"#)
            .replacing(#""drain": "5s""#, with: #""drain": "9s""#)
        try gateway.directory.write(changed, to: "signet.json")
        let line = try gateway.event("reloaded")
        #expect(line["routes"] as? [String] == ["another"])
        #expect(line["settings"] as? [String] == ["drain"])
        #expect(line["keys"] == nil)
    }

    @Test func changedKeyFileIsReloaded() throws {
        let gateway = try RunningGateway()
        let before = try token(of: gateway.badge()).split(separator: ".").last
        try gateway.directory.write(Array(repeating: UInt8(ascii: "e"), count: 40), to: "keys/dg.secret")
        // The configuration says the same of the key as before.
        let line = try gateway.event("reloaded")
        #expect(line["keys"] as? [String] == ["dg"])
        #expect(line["signing"] as? [String: String] == ["dg-eu": "dg"])
        #expect(try token(of: gateway.badge()).split(separator: ".").last != before)
    }

    @Test func changedKeyFileOfSameSizeAndTimeIsReloaded() throws {
        let gateway = try RunningGateway()
        let before = try token(of: gateway.badge()).split(separator: ".").last
        let line = "touch -d '2001-01-01' keys/dg.secret"
        #expect(try Signet.shell(line, in: gateway.directory).status == 0)
        _ = try gateway.event("reloaded")
        // The content and the time before are there at once: no look comes between.
        let change = """
            kill -STOP \(gateway.processIdentifier)
            printf %040d 7 1<>keys/dg.secret && touch -d '2001-01-01' keys/dg.secret
            kill -CONT \(gateway.processIdentifier)
            """
        #expect(try Signet.shell(change, in: gateway.directory).status == 0)
        _ = try gateway.event("reloaded")
        #expect(try token(of: gateway.badge()).split(separator: ".").last != before)
    }

    @Test func changedSymbolicLinkIsReloaded() throws {
        // As Kubernetes does: a folder behind a link is replaced as a whole.
        let gateway = try RunningGateway {
            RunningGateway.configuration($0).replacing("keys/dg.secret", with: "data/dg.secret")
        } prepare: { directory in
            try directory.write(Array(repeating: UInt8(ascii: "d"), count: 40), to: "one/dg.secret")
            try directory.write(Array(repeating: UInt8(ascii: "f"), count: 40), to: "two/dg.secret")
            try FileManager.default.createSymbolicLink(atPath: directory.path("data"), withDestinationPath: "one")
        }
        try FileManager.default.createSymbolicLink(
            atPath: gateway.directory.path("new"), withDestinationPath: "two")
        #expect(rename(gateway.directory.path("new"), gateway.directory.path("data")) == 0)
        #expect(try gateway.event("reloaded")["cause"] as? String == "file")
    }

    @Test(arguments: ["{", "{}", #"{"keys":{},"connections":{},"routes":{"a":{"connection":"b"}}}"#])
    func badConfigurationKeepsTheLastGoodOne(text: String) throws {
        let gateway = try RunningGateway()
        try gateway.directory.write(text, to: "signet.json")
        let line = try gateway.event("reload-failed")
        #expect(line["level"] as? String == "error")
        #expect((line["problems"] as? [String])?.first?.contains("signet.json") == true)
        #expect(try keyID(of: gateway.badge()) == "one")
        #expect(
            try gateway.get("/metrics", admin: true).body.contains(#"signet_config_reloads_total{result="failure"} 1"#))
        try gateway.directory.write(
            RunningGateway.configuration(gateway.directory, keyID: "two"), to: "signet.json")
        _ = try gateway.event("reloaded")
        #expect(try keyID(of: gateway.badge()) == "two")
    }

    @Test func keyFileThatAppearsLaterIsAwaited() throws {
        let gateway = try RunningGateway()
        let text = RunningGateway.configuration(gateway.directory, keyID: "two")
        try gateway.directory.write(text.replacing("keys/dg.secret", with: "keys/late.secret"), to: "signet.json")
        _ = try gateway.event("reload-failed")
        try gateway.directory.write(Array(repeating: UInt8(ascii: "l"), count: 40), to: "keys/late.secret")
        _ = try gateway.event("reloaded")
        #expect(try keyID(of: gateway.badge()) == "two")
    }

    @Test func changedDigestKeyIsRefused() throws {
        let gateway = try RunningGateway()
        try gateway.directory.write(Array(repeating: UInt8(ascii: "x"), count: 40), to: "keys/log.secret")
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first == "signet: error: the digest key has changed, and the audit's chain depends on it")
    }

    @Test func settingsThatNeedARestartAreLogged() throws {
        let gateway = try RunningGateway()
        let text = RunningGateway.configuration(gateway.directory).replacing("audit.jsonl", with: "other.jsonl")
        try gateway.directory.write(text, to: "signet.json")
        #expect(try (gateway.event("restart-needed")["message"] as? String)?.hasSuffix(": audit") == true)
        let hosts = text.replacing(#""admin": {"#, with: #""admin": { "hosts": ["signet.internal"],"#)
        try gateway.directory.write(hosts, to: "signet.json")
        #expect(try (gateway.event("restart-needed")["message"] as? String)?.hasSuffix(": admin.hosts, audit") == true)
    }

    @Test func auditContinuesInANewFile() throws {
        let gateway = try RunningGateway()
        _ = try gateway.badge()
        #expect(rename(gateway.directory.path("audit.jsonl"), gateway.directory.path("audit.1.jsonl")) == 0)
        gateway.signal(SIGUSR1)
        _ = try gateway.event("audit-reopened")
        _ = try gateway.badge()
        gateway.signal(SIGTERM)
        #expect(gateway.status() == 0)
        let verified = try Signet.run(["audit", "verify", "audit.1.jsonl", "audit.jsonl"], in: gateway.directory)
        #expect(verified.status == 0)
        #expect(try gateway.directory.text("audit.jsonl").split(separator: "\n").count == 1)
    }

    @Test func removedAuditFileIsReplaced() throws {
        let gateway = try RunningGateway()
        _ = try gateway.badge()
        #expect(unlink(gateway.directory.path("audit.jsonl")) == 0)
        #expect(try gateway.event("audit-reopened")["cause"] as? String == "moved")
        _ = try gateway.badge()
        #expect(try gateway.directory.text("audit.jsonl").contains(#""seq":2"#))
    }

    @Test func requestsAreRefusedWhileTheAuditFolderIsMissing() throws {
        let gateway = try RunningGateway {
            RunningGateway.configuration($0).replacing("audit.jsonl", with: "sub/audit.jsonl")
        } prepare: {
            try $0.write("", to: "sub/.keep")
        }
        #expect(try gateway.badge().status == 200)
        try FileManager.default.removeItem(atPath: gateway.directory.path("sub"))
        _ = try gateway.event("audit-reopen-failed")
        let refused = try gateway.badge()
        #expect(refused.status == 503)
        #expect(refused.json["code"] as? String == "audit-unavailable")
        try gateway.directory.write("", to: "sub/.keep")
        #expect(try gateway.event("audit-reopened")["cause"] as? String == "moved")
        #expect(try gateway.badge().status == 200)
        // And a line that says that identities are recorded again.
        let lines = try gateway.directory.text("sub/audit.jsonl").split(separator: "\n")
        #expect(lines.map { $0.contains(#""event":"resumed""#) } == [true, false])
        #expect(gateway.log.filter { $0["event"] as? String == "audit-reopen-failed" }.count == 1)
    }

    @Test func auditIsReopenedWhileDraining() throws {
        let gateway = try RunningGateway {
            RunningGateway.configuration($0, keyID: "one", more: #""drainDelay": "8s","#)
        }
        _ = try gateway.badge()
        gateway.signal(SIGTERM)
        _ = try gateway.event("draining")
        #expect(rename(gateway.directory.path("audit.jsonl"), gateway.directory.path("audit.1.jsonl")) == 0)
        gateway.signal(SIGUSR1)
        _ = try gateway.event("audit-reopened")
        #expect(gateway.directory.exists("audit.jsonl"))
        #expect(gateway.status() == 0)
    }

    @Test func drainingGatewayIsNotReadyAndAnswers() throws {
        let gateway = try RunningGateway {
            RunningGateway.configuration($0, keyID: "one", more: #""drainDelay": "8s","#)
        }
        gateway.signal(SIGTERM)
        _ = try gateway.event("draining")
        #expect(try gateway.get("/health/ready", admin: true).status == 503)
        #expect(try gateway.get("/health/alive", admin: true).status == 200)
        #expect(try gateway.badge().status == 200)
        #expect(gateway.status() == 0)
    }

    @Test func pipeInPlaceOfAKeyFileIsRefusedWithoutWaiting() throws {
        let gateway = try RunningGateway()
        #expect(unlink(gateway.directory.path("keys/dg.secret")) == 0)
        _ = try gateway.event("reload-failed")
        #expect(mkfifo(gateway.directory.path("keys/dg.secret"), 0o600) == 0)
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first?.contains("is not a regular file") == true)
        gateway.signal(SIGTERM)
        #expect(gateway.status() == 0)
    }

    @Test func secondStopSignalEndsAtOnce() throws {
        let gateway = try RunningGateway {
            RunningGateway.configuration($0, keyID: "one", more: #""drainDelay": "1h","#)
        }
        gateway.signal(SIGTERM)
        _ = try gateway.event("draining")
        gateway.signal(SIGINT)
        #expect(gateway.status() == 128 + SIGINT)
    }

    @Test func configurationFromStandardInputIsRefused() throws {
        let outcome = try Signet.run(["serve", "-c", "-"], in: ScratchDirectory(), input: "{}")
        #expect(outcome.status == 2)
        #expect(outcome.notes.last == "signet: hint: name a file, which is read again when it changes: -c FILE")
    }

    // MARK: What it does not start with

    @Test(arguments: [
        (#""digestKey": "log","#, "", 2, "the gateway needs a \"digestKey\""),
        ("audit.jsonl", "no/such/folder/audit.jsonl", 3, "no/such/folder/audit.jsonl"),
        ("unix:", "unix:/proc", 3, "/proc"),
    ])
    func invalidSettingIsReportedAtStart(text: String, other: String, status: Int32, message: String) throws {
        let directory = try setUp(replacing: text, with: other)
        let outcome = try Signet.run(["serve"], in: directory)
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test(arguments: [
        (
            #""audit":"#, #""tls": { "certificate": "no.crt", "key": "no.key" }, "audit":"#, 3,
            "tls.certificate: no.crt: no such file"
        ),
        ("audit.jsonl", "no/such/folder/audit.jsonl", 3, "audit.file: cannot write to the folder no/such/folder"),
    ])
    func checkReportsSettingsThatPreventTheStart(text: String, other: String, status: Int32, message: String) throws {
        let directory = try setUp(replacing: text, with: other)
        let outcome = try Signet.run(["check"], in: directory)
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try Signet.run(["serve"], in: directory).status == status)
    }

    @Test func secondGatewayWithTheSameAuditFileIsRefused() throws {
        let gateway = try RunningGateway()
        let other = try ScratchDirectory()
        let text = RunningGateway.configuration(other).replacing("keys/", with: gateway.directory.path("keys/"))
            .replacing("audit.jsonl", with: gateway.directory.path("audit.jsonl"))
        try other.write(text, to: "signet.json")
        let outcome = try Signet.run(["serve"], in: other)
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("audit.jsonl"))
    }

    @Test func socketInUseIsReported() throws {
        let gateway = try RunningGateway()
        let text = RunningGateway.configuration(gateway.directory).replacing("audit.jsonl", with: "other.jsonl")
        try gateway.directory.write(text, to: "two.json")
        let outcome = try Signet.run(["serve", "-c", "two.json"], in: gateway.directory)
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains(gateway.directory.path("s")))
        #expect(try gateway.badge().status == 200)
    }

    // MARK: Setting up

    /// What a running gateway has, with other text in its configuration.
    private func setUp(replacing text: String, with other: String) throws -> ScratchDirectory {
        let directory = try ScratchDirectory()
        try directory.write(Array(repeating: UInt8(ascii: "k"), count: 40), to: "keys/log.secret")
        try directory.write(Array(repeating: UInt8(ascii: "d"), count: 40), to: "keys/dg.secret")
        try directory.write(
            RunningGateway.configuration(directory).replacing(text, with: other), to: "signet.json")
        return directory
    }

    // MARK: Tokens

    private func token(of answer: RunningGateway.Answer) throws -> String {
        try #require((answer.json["badge"] as? [String: Any])?["value"] as? String)
    }

    private func keyID(of answer: RunningGateway.Answer) throws -> String? {
        let outcome = try Signet.run(
            ["inspect", "-"], in: ScratchDirectory(), input: try token(of: answer))
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        return (json?["header"] as? [String: Any])?["kid"] as? String
    }
}
