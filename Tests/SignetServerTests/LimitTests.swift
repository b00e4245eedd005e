import Foundation
import SignetGateway
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetServer

@Suite(.onThreads) struct LimitTests {
    @Test func clientOverAddressLimitIsReset() throws {
        var limits = ServerLimits.generous
        limits.clientsPerAddress = 5
        let running = try RunningServer(limits: limits, trustsPeers: false)
        let clients = try (0..<5).map { _ in try running.client() }
        for client in clients { #expect(client.ask(get("/"))?.status == 200) }
        let sixth = try running.client()
        sixth.send(get("/"))
        #expect(sixth.receiveAll() == [])
        #expect(running.server.statistics.refusals[.address] == 1)
        for client in clients { #expect(client.ask(get("/"))?.status == 200) }
        clients[0].send(get("/", "Connection: close\r\n"))
        #expect(clients[0].receiveAll()?.isEmpty == false)
        #expect(eventually { (try? running.ask(get("/")))??.status == 200 })
    }

    @Test func trustedPeersHaveNoAddressLimit() throws {
        var limits = ServerLimits.generous
        limits.clientsPerAddress = 5
        let running = try RunningServer(limits: limits, trustsPeers: true)
        let clients = try (0..<20).map { _ in try running.client() }
        for client in clients { #expect(client.ask(get("/"))?.status == 200) }
    }

    @Test func clientsOverLimitWaitForRoom() throws {
        var limits = ServerLimits.generous
        limits.clients = 4
        limits.threads = 2
        let running = try RunningServer(limits: limits)
        let clients = try (0..<10).map { _ in
            let client = try running.client()
            client.send(get("/"))
            return client
        }
        #expect(eventually { running.handler.targets.count == 4 })
        #expect(running.server.statistics.openClients == 4)
        // A waiting client is accepted when another one leaves.
        var waiting = clients
        while !waiting.isEmpty {
            var answered: Int?
            #expect(
                eventually {
                    answered = waiting.firstIndex { $0.receive(within: 0)?.isEmpty == false }
                    return answered != nil
                })
            #expect(running.server.statistics.openClients <= 4)
            waiting.remove(at: try #require(answered)).finishSending()
        }
        #expect(running.handler.targets.count == 10)
    }

    @Test func oneThreadServesReadyAndPendingReplies() throws {
        var limits = ServerLimits.generous
        limits.threads = 1
        let running = try RunningServer(limits: limits)
        running.handler.held.releaseAll()
        let client = try running.client()
        for _ in 0..<50 {
            #expect(client.ask(get("/"))?.status == 200)
            #expect(client.ask(get("/wait/a"))?.status == 200)
        }
    }

    @Test func defaultLimitsAreAsDocumented() {
        let limits = ServerLimits()
        #expect([limits.header, limits.body, limits.request, limits.idle] == [5_000, 10_000, 30_000, 75_000])
        #expect(limits.clientsPerAddress == 256)
        #expect((16...10_000).contains(limits.clients))
        #expect(DescriptorLimit.raise() >= 1_024)
    }

    // MARK: Bodies

    @Test func longBodyIsKeptUpToOneByteOverLimit() throws {
        let running = try RunningServer()
        let client = try running.client()
        for (sent, kept) in [(16_384, 16_384), (16_385, 16_385), (16_386, 16_385), (1_048_576, 16_385)] {
            let body = String(repeating: "a", count: sent)
            #expect(client.ask(post("/", body))?.text.contains(" \(kept) bytes") == true)
            let chunk = "\(String(sent, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)")
            #expect(client.response()?.text.contains(" \(kept) bytes") == true)
        }
    }

    /// The answer comes before the body, so that the client need not send it.
    @Test func lengthOver1MiBIsRefusedBeforeBody() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")
        let response = try #require(client.response())
        #expect(response.status == 413)
        #expect(response.headers["connection"] == "close")
        #expect(response.text.contains("\"code\":\"body-too-large\""))
        #expect(client.receiveAll() == [])
        #expect(running.handler.targets == [])
    }

    @Test func chunksOver1MiBAreRefused() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
        for _ in 0..<17 where !client.send(chunk) { break }
        let answer = try #require(client.receiveAll())
        #expect(Response(answer)?.status == 413)
        #expect(running.server.statistics.refusedRequests == 1)
        #expect(running.handler.targets == [])
    }

    @Test func expectContinueIsAnsweredWith100() throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.response()?.status == 100)
        client.send("hello")
        #expect(client.response()?.text.hasSuffix("5 bytes\nhello") == true)
        client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.response()?.status == 400)
    }
}
