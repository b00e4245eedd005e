import Foundation
import SignetGateway

@testable import SignetServer

/// Parses the sent bytes as a strict client does, and compares them with the handler's answers.
struct AnswerCheck {
    /// The values that the answers are compared with.
    struct Expected {
        let account: ScriptedHandler.Account
        let date: [UInt8]
        /// The method of the refused request.
        let refusedMethod: String
    }

    /// The end offset of each complete answer, by its number in the account.
    private(set) var ends: [Int: Int] = [:]
    /// Whether each of them has `Connection: close`.
    private(set) var closes: [Int: Bool] = [:]
    /// How many final answers are complete.
    private(set) var count = 0
    /// Whether the last of them has `Connection: close`.
    private(set) var isLast = false
    /// For each 100: how many final answers were sent before it.
    private(set) var interims: [Int] = []
    /// Whether the client got a TLS alert.
    private(set) var isAlert = false
    /// The offset of the incomplete answer.
    private(set) var position = 0
    private(set) var faults: [String] = []
    private var next = 0

    private static let alert: [UInt8] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28]
    private static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Parses all bytes that were sent so far.
    mutating func read(_ bytes: [UInt8], _ expected: Expected) {
        while faults.isEmpty, position < bytes.count, readAnswer(bytes[position...], expected) {}
    }

    /// Parses an answer, and says whether it is complete.
    private mutating func readAnswer(_ rest: ArraySlice<UInt8>, _ expected: Expected) -> Bool {
        if rest.first == Self.alert[0] {
            isAlert = true
            if position > 0 || !Self.alert.starts(with: rest) { faults.append("an alert with other bytes") }
            return false
        }
        if isLast { faults.append("bytes after the last answer") }
        if Self.interim.starts(with: rest.prefix(Self.interim.count)) {
            guard rest.count >= Self.interim.count else { return false }
            position += Self.interim.count
            interims.append(count)
            return true
        }
        let answers = expected.account.answers
        while next < answers.count, answers[next].role == .late { next += 1 }
        guard next < answers.count else {
            faults.append("bytes that are not an answer of the handler")
            return false
        }
        guard let end = Self.endOfHead(rest) else { return false }
        let answer = answers[next]
        let (length, isLast) = readHead(rest[..<end], answer, expected)
        let body = rest[end...].prefix(length)
        if !Self.isBeginning(body, of: answer.body) { faults.append("the body is wrong") }
        guard body.count == length else { return false }
        position = end + length
        ends[next] = position
        closes[next] = isLast
        self.isLast = isLast
        next += 1
        count += 1
        return true
    }

    /// Compares a head with the expected answer.
    private mutating func readHead(
        _ head: ArraySlice<UInt8>, _ answer: ScriptedHandler.Answer, _ expected: Expected
    ) -> (length: Int, isLast: Bool) {
        var lines = head.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        if lines.contains(where: { $0.utf8.last != UInt8(ascii: "\r") }) {
            faults.append("a line that does not end with CR LF")
        }
        let statusLine = lines.removeFirst()
        if !statusLine.hasPrefix("HTTP/1.1 \(answer.status) ") { faults.append("the status line is \(statusLine)") }
        let hasBody = answer.status != 204 && answer.status != 304
        var wanted: Set = [
            "\r", "X-Answer: \(answer.label)\r", String(decoding: expected.date.dropLast(), as: UTF8.self),
        ]
        if hasBody { wanted.insert("Content-Length: \(answer.body.count)\r") }
        var isLast = false
        var hasID = false
        for line in lines where wanted.remove(line) == nil {
            if line == "Connection: close\r", !isLast {
                isLast = true
            } else if line.lowercased().hasPrefix("x-request-id: "), !hasID {
                hasID = true
            } else {
                faults.append("an unexpected field: \(line)")
            }
        }
        if !wanted.isEmpty || !hasID { faults.append("a field is missing") }
        let method: String
        if case .reply(let number) = answer.role {
            if number != count { faults.append("the answer to request \(number) is number \(count)") }
            method = expected.account.requests[number].method
        } else {
            if !isLast { faults.append("a refusal without Connection: close") }
            method = expected.refusedMethod
        }
        guard hasBody, method == "HEAD" else { return (hasBody ? answer.body.count : 0, isLast) }
        // A request without memory is not parsed: it is answered like a GET.
        let isBlind = answer.status == 503 && answer.isRefusal && answer.endings.first?.taken != head.endIndex
        return (isBlind ? answer.body.count : 0, isLast)
    }

    private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> Int? {
        var newlines = 0
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\n"): newlines += 1
            case UInt8(ascii: "\r"): break
            default: newlines = 0
            }
            if newlines == 2 { return index + 1 }
        }
        return nil
    }

    private static func isBeginning(_ bytes: ArraySlice<UInt8>, of body: [UInt8]) -> Bool {
        guard bytes.count <= body.count else { return false }
        return bytes.withUnsafeBytes { left in
            body.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, bytes.count) == 0
            }
        }
    }
}
