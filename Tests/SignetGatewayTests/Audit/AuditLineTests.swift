import SignetConfiguration
import SignetJOSE
import SignetTestSupport
import Testing

@testable import SignetGateway

/// The form of the lines, as docs/audit.md has it.
@Suite struct AuditLineTests {
    @Test func aLineHasItsMembersInTheirOrder() async throws {
        let directory = try ScratchDirectory()
        let head = try #require(try await AuditFixture.record(2...3, to: directory.path("audit.jsonl")))
        let lines = AuditFixture.lines(try AuditFixture.bytes(directory))
        #expect(lines.count == 2)
        let first = try JSONReader.value(lines[0].dropLast())
        let names = [
            "v", "chain", "seq", "time", "requestId", "caller", "right", "route", "vendor", "connection", "key",
            "subjectTag", "expiresAt", "previous", "mac",
        ]
        #expect(first.members?.map(\.name) == names)
        #expect(first["v"] == 1 && first["seq"] == 1)
        #expect(first["time"] == "2027-01-15T08:00:02Z")
        #expect(first["subjectTag"] == "dGFn" && first["expiresAt"] == .null)
        #expect(first["previous"]?.string == String(repeating: "0", count: 64))

        let second = try JSONReader.value(lines[1].dropLast())
        #expect(second.members?.map(\.name) == Array(names[..<13]) + ["decision"] + Array(names[13...]))
        #expect(second["decision"] == ["side": "to", "reason": "percent"])
        #expect(second["subjectTag"] == .null && second["expiresAt"] == "2030-03-17T17:46:40Z")
        #expect(second["previous"] == first["mac"])
        #expect(second["chain"] == first["chain"])
        #expect(head.mac == second["mac"]?.string && head.sequence == 2 && head.chain == second["chain"]?.string)
        #expect(AuditHead(head.description)?.mac == head.mac)
        #expect(try directory.mode("audit.jsonl") == 0o600)
    }

    /// The MAC by hand, as somebody without Signet would compute it.
    @Test func theMACIsOverTheDomainAndTheBytesBeforeIt() async throws {
        let directory = try ScratchDirectory()
        try await AuditFixture.record(1...1, to: directory.path("audit.jsonl"))
        let text = try directory.text("audit.jsonl")
        let covered = try #require(text.firstRange(of: ",\"mac\":")).lowerBound
        let input = Array("signet-audit-v1\n".utf8) + Array(text[..<covered].utf8)
        var code = [UInt8](repeating: 0, count: 32)
        let key = try AuditFixture.key()
        #expect(input.withUnsafeBytes { key.authenticate($0, into: &code) })
        #expect(text.hasSuffix(",\"mac\":\"\(Hexadecimal.encode(code))\"}\n"))
    }

    @Test func whatARequestBringsCannotEndALine() async throws {
        let directory = try ScratchDirectory()
        let file = try AuditFile(path: directory.path("audit.jsonl"), key: AuditFixture.key())
        var entry = AuditFixture.entry(2)
        entry.requestID = "a\n{\"v\":1,\"chain\":\"\",\"mac\":\"\u{0}\u{1F}é"
        try await file.keep(entry)
        let lines = AuditFixture.lines(try AuditFixture.bytes(directory))
        #expect(lines.count == 1)
        #expect(try JSONReader.value(lines[0].dropLast())["requestId"]?.string == entry.requestID)
        #expect(try AuditFixture.verify(directory, "audit.jsonl").isWhole)
    }

    @Test func aLineThatIsTooLongIsRefusedAndTheChainGoesOn() async throws {
        let directory = try ScratchDirectory()
        let file = try AuditFile(path: directory.path("audit.jsonl"), key: AuditFixture.key())
        var entry = AuditFixture.entry(1)
        entry.requestID = String(repeating: "x", count: 64 * 1024)
        #expect(try await file.refusal(entry).contains("longer than"))
        try await file.keep(AuditFixture.entry(2))
        let report = try AuditFixture.verify(directory, "audit.jsonl")
        #expect(report.isWhole && report.lines == 1)
    }

    @Test(arguments: [
        "", ":", "1", "0:\(digits)", "1:\(digits.dropLast())", "1:\(digits)0", "-1:\(digits)", "+1:\(digits)",
        "1:\(digits):",
        "1:\(digits.uppercased())", " 1:\(digits)", "99999999999999999999:\(digits)",
    ])
    func whatIsNoHeadIsRefused(text: String) {
        #expect(AuditHead(text) == nil)
    }

    private static let digits = String(repeating: "a", count: 64)
}
