import Foundation
import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

/// What the tests of the audit share: a key, entries, and files made of them.
enum AuditFixture {
    static let secret = "audit-MARKER-key-of-at-least-32-bytes"

    static func key(_ secret: String = secret) throws -> HS256Key {
        try HS256Key(secret: SecretBytes(copying: Array(secret.utf8)))
    }

    static func entry(_ number: Int, caller: String = "storefront") -> AuditEntry {
        AuditEntry(
            time: NumericDate(seconds: 1_800_000_000 + Int64(number)), requestID: "request-\(number)", caller: caller,
            right: .badge, route: "uk-store", vendor: "talkative", connection: "talkative-uk",
            key: "talkative-uk-2026", subjectTag: number % 2 == 0 ? "dGFn" : nil,
            expiresAt: number % 2 == 0 ? nil : NumericDate(seconds: 1_900_000_000),
            decision: number % 3 == 0 ? .init(side: "to", reason: "percent") : nil)
    }

    /// Records entries in a file.
    @discardableResult
    static func record(_ numbers: ClosedRange<Int>, to path: String) async throws -> AuditHead? {
        let file = try AuditFile(path: path, key: key())
        for number in numbers { try await file.keep(entry(number)) }
        return file.head
    }

    static func verify(_ paths: [String], heads: [AuditHead] = [], secret: String = secret) throws -> AuditReport {
        var verifier = AuditVerifier(key: try key(secret), heads: heads)
        for path in paths { try verifier.verify(file: path) }
        return verifier.finish()
    }

    static func verify(_ directory: ScratchDirectory, _ names: String..., heads: [AuditHead] = []) throws -> AuditReport
    {
        try verify(names.map(directory.path), heads: heads)
    }

    /// Verifies what would be in a file.
    static func verify(text: [UInt8], heads: [AuditHead] = [], key: HS256Key? = nil) throws -> AuditReport {
        var verifier = AuditVerifier(key: try key ?? Self.key(), heads: heads)
        verifier.verify(text, named: "audit.jsonl")
        return verifier.finish()
    }

    static func bytes(_ directory: ScratchDirectory, _ name: String = "audit.jsonl") throws -> [UInt8] {
        Array(try Data(contentsOf: directory.url.appending(path: name)))
    }

    /// The lines of a file with their ends.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
    }
}

extension AuditFile {
    /// Records an entry as a gateway does: at once if that can be done.
    func keep(_ entry: AuditEntry) async throws(SignetError) {
        if try !recordAtOnce(entry) { try await record(entry) }
    }

    /// Why an entry is not recorded.
    func refusal(_ entry: AuditEntry) async throws -> String {
        let error = try await #require(throws: SignetError.self) { try await keep(entry) }
        #expect(error.code == "audit-unavailable")
        return error.reason
    }
}

/// What happens to a file, for a test that waits for it.
struct AuditEvents {
    let report: @Sendable (AuditFile.Event) -> Void
    private var events: AsyncStream<AuditFile.Event>.Iterator

    init() {
        let (stream, continuation) = AsyncStream<AuditFile.Event>.makeStream()
        report = { continuation.yield($0) }
        events = stream.makeAsyncIterator()
    }

    /// The next event as a word: `failed`, `resumed`, `resumed 2-3`, `reopened`, `reopen failed`.
    mutating func next() async -> String? {
        switch await events.next() {
        case .failed?: "failed"
        case .resumed(nil)?: "resumed"
        case .resumed(let refused?)?: "resumed \(refused.lowerBound)-\(refused.upperBound)"
        case .reopened?: "reopened"
        case .reopenFailed?: "reopen failed"
        case nil: nil
        }
    }
}

extension AuditReport {
    var kinds: [AuditFinding.Kind] { findings.map(\.kind) }
}
