import Foundation
import SignetTestSupport
import Testing

@testable import SignetServer

/// One line of `Fixtures/http/framing.json`: the bytes of one client, and the expected result.
struct FramingCase: Sendable, CustomTestStringConvertible {
    enum Kind {
        /// All requests are answered with 200.
        case accepted
        /// The last request is refused for a `FramingFault`.
        case refused
        /// The last request is incomplete, and is answered with 408.
        case timedOut
        /// The socket is closed without an HTTP answer.
        case silent
    }

    let name: String
    let bytes: [UInt8]
    /// The status of the last answer.
    let status: Int?
    /// The name of a case of `FramingFault`.
    let fault: String?
    let reason: String
    /// The targets that reach the handler.
    let asked: [String]
    /// The bodies that reach the handler; nil if the case does not say.
    let bodies: [[UInt8]]?
    /// Whether the socket is closed after the last answer.
    let closes: Bool

    var testDescription: String { name }

    var kind: Kind {
        switch status {
        case 200: .accepted
        case 408: .timedOut
        case nil: .silent
        default: .refused
        }
    }

    static let all: [FramingCase] = {
        do {
            return try JSONDecoder().decode([FramingCase].self, from: Data(Fixtures.bytes("http/framing.json")))
        } catch {
            fatalError("Fixtures/http/framing.json: \(error)")
        }
    }()

    static func all(_ kind: Kind) -> [FramingCase] { all.filter { $0.kind == kind } }

    /// The cases that are short enough to be sent byte by byte.
    static func short(_ kind: Kind) -> [FramingCase] { all(kind).filter { $0.bytes.count < 600 } }
}

extension FramingCase: Decodable {
    private enum Member: String, CodingKey {
        case name, send, status, fault, reason, asked, bodies, closes
    }

    /// A text with one character for each byte, or a list of texts and of `{"repeat": text, "times": number}`.
    private struct Text: Decodable {
        private struct Repetition: Decodable {
            let `repeat`: String
            let times: Int
        }

        let text: String
        var bytes: [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self.text = text
                return
            }
            var list = try decoder.unkeyedContainer()
            var text = ""
            while !list.isAtEnd {
                if let part = try? list.decode(String.self) {
                    text += part
                } else {
                    let part = try list.decode(Repetition.self)
                    text += String(repeating: part.repeat, count: part.times)
                }
            }
            self.text = text
        }
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        name = try members.decode(String.self, forKey: .name)
        bytes = try members.decode(Text.self, forKey: .send).bytes
        status = try members.decode(Int?.self, forKey: .status)
        fault = try members.decodeIfPresent(String.self, forKey: .fault)
        reason = try members.decode(String.self, forKey: .reason)
        asked =
            try members.decodeIfPresent([Text].self, forKey: .asked)?.map(\.text) ?? (status == 200 ? ["/"] : [])
        bodies = try members.decodeIfPresent([Text].self, forKey: .bodies)?.map(\.bytes)
        closes = try members.decodeIfPresent(Bool.self, forKey: .closes) ?? (status != 200)
    }
}

// MARK: The check against a server

extension FramingCase {
    /// Sends the case to a new server, and checks the result.
    func check(over transport: Transport, sending send: (RawClient, [UInt8]) -> Void) throws {
        let running = try RunningServer(limits: limits, over: transport)
        let client = try running.client()
        send(client, bytes)
        switch kind {
        case .accepted: try checkAccepted(running, client)
        case .refused, .timedOut: try checkRefused(running, client)
        case .silent: try checkSilent(running, client)
        }
    }

    /// Short deadlines only where the case waits for one.
    private var limits: ServerLimits {
        var limits = ServerLimits.generous
        limits.threads = 1
        if kind == .silent { limits.firstByte = 600 }
        if kind == .timedOut { (limits.header, limits.body) = (600, 600) }
        return limits
    }

    private func checkAccepted(_ running: RunningServer, _ client: RawClient) throws {
        var received: [UInt8] = []
        while Answers(received).final.count < asked.count, let piece = client.receive(), !piece.isEmpty {
            received += piece
        }
        let answers = Answers(received)
        check(answers, statuses: asked.map { _ in 200 }, running)
        if closes {
            #expect(answers.final.last?.headers["connection"] == "close")
            #expect(client.receiveAll() == [])
        } else {
            #expect(answers.final.allSatisfy { $0.headers["connection"] != "close" })
            #expect(client.ask(get("/still"))?.status == 200)
        }
        #expect(running.server.statistics.refusedRequests == 0)
    }

    private func checkRefused(_ running: RunningServer, _ client: RawClient) throws {
        let received = try #require(client.receiveAll(), "the socket is still open")
        let answers = Answers(received)
        check(answers, statuses: asked.map { _ in 200 } + [status], running)
        let refusal = try #require(answers.final.last)
        #expect(refusal.headers["connection"] == "close")
        #expect(refusal.headers["content-type"] == "application/problem+json")
        let problem = try #require(try JSONSerialization.jsonObject(with: Data(refusal.body)) as? [String: Any])
        #expect(problem["status"] as? Int == status)
        #expect(problem["code"] as? String == code)
        #expect(problem["requestId"] as? String == refusal.headers["x-request-id"])
        let detail = try #require(problem["detail"] as? String)
        #expect(FramingFault.allCases.first { $0.rawValue == detail }.map { "\($0)" } == fault)
        if kind == .refused { #expect(eventually { running.server.statistics.refusedRequests == 1 }) }
    }

    private func checkSilent(_ running: RunningServer, _ client: RawClient) throws {
        let received = try #require(client.receiveAll(), "the socket is still open")
        if bytes.first == 0x16 {
            // A TLS client gets a TLS alert (RFC 8446 §6).
            #expect(received.first == 0x15)
            #expect(received.count == 7)
        } else {
            #expect(received == [])
        }
        #expect(running.handler.targets == [])
    }

    /// Checks what holds for every case: the answers in order and nothing else, and the requests in the handler.
    private func check(_ answers: Answers, statuses: [Int?], _ running: RunningServer) {
        #expect(answers.final.map(\.status) == statuses)
        #expect(answers.rest == [])
        if !String(decoding: bytes, as: UTF8.self).lowercased().contains("100-continue") {
            #expect(answers.interim == 0)
        }
        for answer in answers.final {
            #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
        }
        for (target, answer) in zip(asked, answers.final) {
            #expect(answer.text.contains(" \(target) ["), "the answers are not in the order of the requests")
        }
        #expect(running.handler.targets == asked)
        if let bodies { #expect(running.handler.bodies == bodies) }
    }

    private var code: String? {
        switch status {
        case 400: "malformed-request"
        case 408: "request-timeout"
        case 413: "body-too-large"
        case 414: "target-too-long"
        case 417: "expectation-failed"
        case 431: "header-too-large"
        case 501: "coding-not-supported"
        case 505: "version-not-supported"
        default: nil
        }
    }
}

/// All answers to one client, in order.
private struct Answers {
    var final: [Response] = []
    /// How many answers are of 100 to 199.
    var interim = 0
    /// The bytes that are not a complete answer.
    var rest: [UInt8]

    init(_ bytes: [UInt8]) {
        rest = bytes
        while let next = Response(rest) {
            rest = next.rest
            if next.status / 100 == 1 { interim += 1 } else { final.append(next) }
        }
    }
}
