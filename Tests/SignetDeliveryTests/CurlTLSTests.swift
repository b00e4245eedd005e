import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetSystem
import Testing

/// Whom the transport believes.
@Suite(.serialized) struct CurlTLSTests {
    private let untrusted = TransportError.notConnected("the certificate is not trusted, or is not for this host")

    private func request(_ host: String, _ port: UInt16) -> VendorRequest {
        vendorRequest("https://\(host):\(port)/", method: "GET", body: "")
    }

    @Test func aCertificateNobodyVouchesForIsRefused() async throws {
        let server = try await TLSServer.start()
        let transport = try CurlTransport()
        #expect(await transport.failure(of: request("127.0.0.1", server.port)) == untrusted)
    }

    @Test func withItsAuthorityItIsTaken() async throws {
        let server = try await TLSServer.start()
        let transport = try CurlTransport(authorities: server.certificate)
        for _ in 1...3 {
            let answer = try await transport.send(request("127.0.0.1", server.port), within: ample)
            #expect(answer.status == 200)
        }
    }

    @Test func aCertificateOfAnotherHostIsRefused() async throws {
        let server = try await TLSServer.start()
        let transport = try CurlTransport(authorities: server.certificate)
        #expect(await transport.failure(of: request("localhost", server.port)) == untrusted)
    }

    @Test func anotherAuthorityIsNotEnough() async throws {
        let (server, other) = (try await TLSServer.start(), try await TLSServer.start())
        let transport = try CurlTransport(authorities: other.certificate)
        #expect(await transport.failure(of: request("127.0.0.1", server.port)) == untrusted)
    }

    @Test func authoritiesThatAreNotThere() async throws {
        let server = try await TLSServer.start()
        let transport = try CurlTransport(authorities: server.certificate + ".missing")
        #expect(
            await transport.failure(of: request("127.0.0.1", server.port))
                == .notConnected("the file of trusted authorities cannot be read"))
    }

    @Test func whatSpeaksNoTLSIsNoConnection() async throws {
        let transport = try CurlTransport()
        let resetting = try RawServer { connection in
            connection.waitForBytes()
            connection.reset()
        }
        for server in [resetting, try RawServer { $0.answer() }] {
            let error = await transport.failure(of: request("127.0.0.1", server.port))
            #expect(error == .notConnected("no connection could be made"))
        }
    }

    @Test func aHandshakeThatHangsIsGivenUp() async throws {
        let server = try RawServer { $0.waitUntilClosed() }
        let limits = TransportLimits(connect: 300, total: 250_000)
        let start = MonotonicTime.now
        let transport = try CurlTransport()
        #expect(await transport.failure(of: request("127.0.0.1", server.port), within: limits) == .timedOut)
        #expect(MonotonicTime.now.nanoseconds(since: start) < 100_000_000_000)
    }
}
