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
        let all = ["curl", "-sk", "-m", "600", "-o", "/dev/null", "-w", "%{http_code}\\n"] + options
        return try OpenSSL.run(all + ["https://127.0.0.1:\(running.port)\(path)"]).output.split(separator: "\n")
    }

    @Test func requestsOverTLSAreServed() throws {
        let running = try RunningServer(tls: material("one", "one"))
        #expect(try curl(running, "/[1-50]") == Array(repeating: "200", count: 50))
        #expect(running.server.statistics.acceptedClients == 1)
        #expect(try curl(running, "/", ["-H", "Host: a@b"]) == ["400"])
        running.handler.held.releaseAll()
        #expect(try curl(running, "/wait/[1-50]", ["-d", "body"]) == Array(repeating: "200", count: 50))
    }

    @Test func onlyTLS12And13AreAccepted() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let old = ["-cipher", "ALL:@SECLEVEL=0"]
        #expect(try OpenSSL.handshake(port: running.port, ["-tls1_3"]).contains("New, TLSv1.3"))
        #expect(try OpenSSL.handshake(port: running.port, ["-tls1_2"]).contains("New, TLSv1.2"))
        for version in ["-tls1_1", "-tls1"] {
            let said = try OpenSSL.handshake(port: running.port, [version] + old)
            #expect(said.contains("New, (NONE)"), "\(version)")
        }
        // Cipher suites without forward secrecy, or without authenticated encryption.
        for cipher in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"] {
            let said = try OpenSSL.handshake(port: running.port, ["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"])
            #expect(said.contains("New, (NONE)"), "\(cipher)")
        }
    }

    /// Health checks of load balancers do this. The socket stays readable at its end: a server that waits would be in a busy
    /// loop.
    @Test func clientThatLeavesBeforeHandshakeIsClosedAtOnce() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let clients = try (0..<50).map { _ in try running.client() }
        #expect(eventually { running.server.statistics.openClients == 50 })
        for (number, client) in clients.enumerated() {
            if number % 2 == 0 { client.finishSending() } else { client.closeNow() }
        }
        #expect(eventually { running.server.statistics.openClients == 0 })
        #expect(running.server.statistics.refusals[.handshake] == nil)
    }

    @Test func slowHandshakeIsCutOff() throws {
        var limits = ServerLimits.generous
        limits.handshake = 300
        let running = try RunningServer(limits: limits, tls: material("one", "one"))
        let client = try running.client()
        client.send([0x16, 0x03, 0x01])
        #expect(client.receiveAll() == [])
        #expect(eventually { running.server.statistics.refusals[.handshake] == 1 })
    }

    @Test func unusableCertificateOrKeyIsRefused() throws {
        try directory.write("no certificate", to: "bad.pem")
        try directory.write("no key", to: "bad.key")
        let encrypted = try OpenSSL.run([
            "openssl", "pkey", "-in", directory.path("one.key"), "-aes256", "-passout", "pass:secret", "-out",
            directory.path("encrypted.key"),
        ])
        #expect(encrypted.status == 0)
        let damaged = try directory.text("one.pem").replacing("MII", with: "MXX")
        try directory.write(damaged, to: "damaged.pem")
        // The two files swapped.
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

    @Test func descriptionContainsNoKey() throws {
        let material = try material("one", "one")
        let texts = ["\(material)", String(reflecting: material)]
        for text in texts { #expect(!text.isEmpty && !text.contains("PRIVATE")) }
        #expect(Mirror(reflecting: material).children.isEmpty)
    }

    /// The certificate is replaced twice during requests: no request fails, and every new client gets the new certificate.
    @Test func certificateIsReplacedUnderLoad() async throws {
        let running = try RunningServer(tls: material("one", "one"))
        let held = running.handler.held
        for number in 1...300 where number != 100 && number != 200 { held.release("/wait/\(number)") }
        async let answers = curl(running, "/[1-3000]")
        // This client has a pending request at each replacement.
        async let pending = curl(running, "/wait/[1-300]")
        #expect(eventually { held.count == 1 })
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = one"))
        try running.server.replaceTLS(material("two", "two"))
        held.release("/wait/100")
        #expect(eventually { running.handler.targets.contains("/wait/200") && held.count == 1 })
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = two"))
        let refusal = #expect(throws: SignetError.self) { try running.server.replaceTLS(material("one", "two")) }
        #expect(refusal?.isFault(ServerFault.certificate) == true)
        #expect(try OpenSSL.handshake(port: running.port).contains("CN = two"))
        try running.server.replaceTLS(material("one", "one"))
        held.release("/wait/200")
        for _ in 0..<4 { #expect(try OpenSSL.handshake(port: running.port).contains("CN = one")) }
        #expect(try await answers == Array(repeating: "200", count: 3_000))
        #expect(try await pending == Array(repeating: "200", count: 300))
        // Seven handshakes, at least one socket for the ready replies, and three for the pending ones: the first answer after a
        // replacement closes the socket.
        #expect(running.server.statistics.acceptedClients >= 7 + 1 + 3)
        #expect(eventually { running.server.statistics.openClients == 0 })
    }

    @Test func requestBegunWithOldCertificateIsAnswered() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let asking = try ChildProcess(["curl", "-sk", "-m", "600", "https://127.0.0.1:\(running.port)/wait/a"])
        #expect(eventually { running.handler.held.count == 1 })
        try running.server.replaceTLS(material("two", "two"))
        #expect(try curl(running, "/") == ["200"])
        running.handler.held.release("/wait/a")
        #expect(try String(decoding: asking.finish().output, as: UTF8.self) == "waited /wait/a")
        running.server.finish(within: 5_000)
    }

    /// The replacement of the certificate does not cut off an idle client: its next request is answered.
    @Test func keptSocketIsClosedAfterNextAnswer() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let client = try ChildProcess(["openssl", "s_client", "-quiet", "-connect", "127.0.0.1:\(running.port)"])
        client.send(get("/first"))
        // First comes the text of openssl about the certificate.
        var said = Data()
        while !said.contains("0 bytes\n".utf8) {
            let part = client.receive()
            try #require(!part.isEmpty)
            said += part
        }
        try running.server.replaceTLS(material("two", "two"))
        // After these, every worker has had new clients.
        #expect(try curl(running, "/[1-50]", ["-H", "Connection: close"]) == Array(repeating: "200", count: 50))
        client.send(get("/second"))
        said += try client.wait().output
        let text = String(decoding: said, as: UTF8.self)
        let responses = Response.all(in: Array(text.drop { $0 != "H" }.utf8))
        #expect(responses.map(\.text) == ["GET /first [] 0 bytes\n", "GET /second [] 0 bytes\n"])
        #expect(responses.map { $0.headers["connection"] } == [nil, "close"])
    }

    @Test func pendingRequestWithOldCertificateIsAbandonedAtFinish() throws {
        let running = try RunningServer(tls: material("one", "one"))
        let asking = try ChildProcess(["curl", "-sk", "-m", "600", "https://127.0.0.1:\(running.port)/never"])
        #expect(eventually { running.handler.held.count == 1 })
        try running.server.replaceTLS(material("two", "two"))
        running.server.finish(within: 100)
        #expect(try String(decoding: asking.finish().output, as: UTF8.self) == "abandoned /never")
    }
}
