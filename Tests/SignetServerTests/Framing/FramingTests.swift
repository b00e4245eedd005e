import Foundation
import SignetGateway
import SignetServer
import Testing

@testable import SignetServer

@Suite(.onThreads) struct FramingTests {
    @Test(arguments: FramingCase.all(.accepted))
    func accepts(_ example: FramingCase) throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(example.bytes)
        let asked = example.asked ?? ["/"]
        var bytes: [UInt8] = []
        while Response.all(in: bytes).count < asked.count, let piece = client.receive(), !piece.isEmpty {
            bytes += piece
        }
        #expect(Response.all(in: bytes).map(\.status) == asked.map { _ in 200 })
        #expect(running.handler.targets == asked)
        if example.closes == true {
            #expect(Response(bytes)?.headers["connection"]?.lowercased() == "close")
            #expect(client.receiveAll() == [])
        } else {
            #expect(client.ask(get("/still"))?.status == 200)
        }
        #expect(running.server.statistics.refusedRequests == 0)
    }

    @Test(arguments: FramingCase.all(.refused))
    func refuses(_ example: FramingCase) throws {
        let running = try RunningServer()
        let client = try running.client()
        client.send(example.bytes)
        let bytes = try #require(client.receiveAll(), "The connection was not closed")
        let asked = example.asked ?? []
        #expect(running.handler.targets == asked)
        let responses = Response.all(in: bytes).dropFirst(asked.count)
        if example.because == "library" {
            // It may say so twice, or not at all.
            #expect(responses.allSatisfy { $0.status >= 400 })
            return
        }
        let response = try #require(responses.first, "There was no answer: \(String(decoding: bytes, as: UTF8.self))")
        #expect(responses.count == 1)
        #expect(response.headers["connection"] == "close")
        #expect(response.headers["content-type"] == "application/problem+json")
        #expect(running.server.statistics.refusedRequests == 1)
        let problem = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
        if example.because == "bodyTooLarge" {
            #expect(response.status == 413)
            #expect(problem["code"] as? String == "body-too-large")
        } else {
            #expect(response.status == 400)
            #expect(problem["code"] as? String == "malformed-request")
            let fault = FramingFault.allCases.first { $0.rawValue == problem["detail"] as? String }
            #expect(fault.map { "\($0)" } == example.because)
        }
    }

    @Test(arguments: FramingCase.all(.closed))
    func closes(_ example: FramingCase) throws {
        var limits = ServerLimits()
        limits.header = 600
        limits.body = 600
        let running = try RunningServer(limits: limits)
        let client = try running.client()
        client.send(example.bytes)
        #expect(client.receiveAll() == [])
        #expect(running.handler.targets == [])
    }

    /// Each refusal has an example of its own.
    @Test func everyFaultHasAnExample() {
        let found = Set(FramingCase.all.compactMap(\.because))
        #expect(FramingFault.allCases.map { "\($0)" }.filter { !found.contains($0) } == ["length"])
    }
}
