import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetServer

@Suite(.onThreads, .serialized) struct TLSTests {
    let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
        for name in ["one", "two"] { try OpenSSL.makeCertificate(name, in: directory) }
    }

    private func material(_ certificate: String, _ key: String) throws -> TLSMaterial {
        try TLSMaterial(
            certificate: directory.text("\(certificate).pem").utf8,
            key: SecretBytes(copying: directory.text("\(key).key").utf8))
    }

    private func curl(_ running: RunningServer, _ path: String, _ options: [String] = []) throws -> [Substring] {
        let all = ["curl", "-sk", "-m", "120", "-o", "/dev/null", "-w", "%{http_code}\\n"] + options
        return try OpenSSL.run(all + ["https://127.0.0.1:\(running.port)\(path)"]).output.split(separator: "\n")
    }

    @Test func servesOverTLS() throws {
        let running = try RunningServer(tls: material("one", "one"))
        #expect(try curl(running, "/[1-50]") == Array(repeating: "200", count: 50))
        #expect(running.server.statistics.acceptedConnections == 1)
        #expect(try curl(running, "/", ["-H", "Host: a@b"]) == ["400"])
        running.handler.gate.openAll()
        #expect(try curl(running, "/wait/[1-50]", ["-d", "body"]) == Array(repeating: "200", count: 50))
    }

    @Test func speaksTLS12And13Alone() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let old = ["-cipher", "ALL:@SECLEVEL=0"]
        #expect(try OpenSSL.handshake(port: running.port, ["-tls1_3"]).contains("New, TLSv1.3"))
        #expect(try OpenSSL.handshake(port: running.port, ["-tls1_2"]).contains("New, TLSv1.2"))
        for version in ["-tls1_1", "-tls1"] {
            let said = try OpenSSL.handshake(port: running.port, [version] + old)
            #expect(said.contains("New, (NONE)"), "\(version)")
        }
        // Without forward secrecy, or without authenticated encryption.
        for cipher in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"] {
            let said = try OpenSSL.handshake(port: running.port, ["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"])
            #expect(said.contains("New, (NONE)"), "\(cipher)")
        }
    }

    /// As health checks of load balancers do. The end of the stream stays readable, and would be told of again and again.
    @Test func clientsThatLeaveBeforeTheHandshakeEndAtOnce() throws {
        var limits = ServerLimits()
        limits.handshake = 600_000
        let running = try RunningServer(limits: limits, tls: material("one", "one"))
        let clients = try (0..<50).map { _ in try running.client() }
        #expect(eventually { running.server.statistics.openConnections == 50 })
        for (number, client) in clients.enumerated() {
            if number % 2 == 0 { client.finishSending() } else { client.closeNow() }
        }
        #expect(eventually { running.server.statistics.openConnections == 0 })
        #expect(running.server.statistics.refusals[.handshake] == nil)
    }

    @Test func holdsHandshakesToTheDeadline() throws {
        var limits = ServerLimits()
        limits.handshake = 300
        let running = try RunningServer(limits: limits, tls: material("one", "one"))
        let client = try running.client()
        client.send([0x16, 0x03, 0x01])
        #expect(client.receiveAll() == [])
        #expect(eventually { running.server.statistics.refusals[.handshake] == 1 })
    }

    @Test func refusesWhatDoesNotBelongTogether() throws {
        try directory.write("no certificate", to: "bad.pem")
        try directory.write("no key", to: "bad.key")
        let encrypted = try OpenSSL.run([
            "openssl", "pkey", "-in", directory.path("one.key"), "-aes256", "-passout", "pass:secret", "-out",
            directory.path("encrypted.key"),
        ])
        #expect(encrypted.status == 0)
        let damaged = try directory.text("one.pem").replacing("MII", with: "MXX")
        try directory.write(damaged, to: "damaged.pem")
        // The two files the wrong way round.
        try directory.write(directory.text("one.key"), to: "swapped.pem")
        try directory.write(directory.text("one.pem"), to: "swapped.key")
        try directory.write(directory.text("two.pem") + directory.text("one.pem"), to: "order.pem")
        let refused = [
            ("one", "two", "do not belong together"), ("bad", "one", "holds no PEM certificate"),
            ("one", "bad", "holds no PEM private key"), ("one", "encrypted", "is encrypted"),
            ("damaged", "one", "that can be read"), ("swapped", "swapped", "the wrong way round"),
            ("one", "swapped", "holds a certificate and no private key"),
            ("order", "one", "does not begin with the server's own certificate"),
        ]
        for (certificate, key, words) in refused {
            do {
                _ = try material(certificate, key)
                Issue.record("\(certificate) and \(key) were taken")
            } catch let error as SignetError {
                #expect(error.isFault(ServerFault.certificate))
                #expect(error.reason.contains(words))
                #expect(error.hint != nil)
            }
        }
    }

    @Test func showsNothingOfTheKey() throws {
        let material = try material("one", "one")
        let texts = ["\(material)", String(reflecting: material)]
        for text in texts { #expect(!text.isEmpty && !text.contains("PRIVATE")) }
        #expect(Mirror(reflecting: material).children.isEmpty)
    }

    /// Two changes of certificate while requests are made: none fails, and every new connection has the new one.
    @Test func replacesTheCertificateUnderRequests() async throws {
        let running = try RunningServer(tls: material("one", "one"))
        let gate = running.handler.gate
        for number in 1...300 where number != 100 && number != 200 { gate.open("/wait/\(number)") }
        async let answers = curl(running, "/[1-3000]")
        // It waits for its answer in the middle of each change.
        async let later = curl(running, "/wait/[1-300]")
        #expect(eventually { gate.waiters == 1 })
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = one"))
        try running.server.replaceTLS(material("two", "two"))
        gate.open("/wait/100")
        #expect(eventually { running.handler.targets.contains("/wait/200") && gate.waiters == 1 })
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = two"))
        let refusal = #expect(throws: SignetError.self) { try running.server.replaceTLS(material("one", "two")) }
        #expect(refusal?.isFault(ServerFault.certificate) == true)
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = two"))
        try running.server.replaceTLS(material("one", "one"))
        gate.open("/wait/200")
        for _ in 0..<4 { #expect(try OpenSSL.handshake(port: running.port).contains("CN = one")) }
        #expect(try await answers == Array(repeating: "200", count: 3_000))
        #expect(try await later == Array(repeating: "200", count: 300))
        // Seven handshakes, one connection at least with answers at once, and three with later ones: the answer after a
        // change is the last of its connection.
        #expect(running.server.statistics.acceptedConnections >= 7 + 1 + 3)
        #expect(eventually { running.server.statistics.openConnections == 0 })
    }

    @Test func finishesWhatTheOldCertificateHadBegun() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let asking = try ChildProcess(["curl", "-sk", "-m", "120", "https://127.0.0.1:\(running.port)/wait/a"])
        #expect(eventually { running.handler.gate.waiters == 1 })
        try running.server.replaceTLS(material("two", "two"))
        #expect(try curl(running, "/") == ["200"])
        running.handler.gate.open("/wait/a")
        #expect(try String(decoding: asking.finish().output, as: UTF8.self) == "waited /wait/a")
        running.server.finish(within: 5_000)
    }

    /// A kept connection is not cut by the change: its next answer is its last.
    @Test func letsKeptConnectionsAskOnceMore() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let client = try ChildProcess(["openssl", "s_client", "-quiet", "-connect", "127.0.0.1:\(running.port)"])
        client.send(get("/first"))
        // What openssl says about the certificate comes first.
        var said = Data()
        while !said.contains("0 bytes\n".utf8) {
            let part = client.receive()
            try #require(!part.isEmpty)
            said += part
        }
        try running.server.replaceTLS(material("two", "two"))
        // Every thread has had new connections by then.
        #expect(try curl(running, "/[1-50]", ["-H", "Connection: close"]) == Array(repeating: "200", count: 50))
        client.send(get("/second"))
        said += try client.wait().output
        let text = String(decoding: said, as: UTF8.self)
        let responses = Response.all(in: Array(text.drop { $0 != "H" }.utf8))
        #expect(responses.map(\.text) == ["GET /first [] 0 bytes\n", "GET /second [] 0 bytes\n"])
        #expect(responses.map { $0.headers["connection"] } == [nil, "close"])
    }

    @Test func stopsWhileTheOldOneStillWaits() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let asking = try ChildProcess(["curl", "-sk", "-m", "120", "https://127.0.0.1:\(running.port)/never"])
        #expect(eventually { running.handler.gate.waiters == 1 })
        try running.server.replaceTLS(material("two", "two"))
        running.server.finish(within: 100)
        #expect(try String(decoding: asking.finish().output, as: UTF8.self) == "abandoned /never")
    }
}
