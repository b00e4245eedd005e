import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet audit verify`: checks line by line that audit files are what the gateway wrote.
enum AuditVerifyCommand {
    static let declaration = CommandDeclaration(
        path: ["audit", "verify"], summary: "finds changed, missing, moved or cut-off lines in audit files",
        usages: ["FILE… [-c FILE] [--head SEQ:MAC]… [--output json]"],
        discussion: [
            "Name the oldest file first. The key is the configuration's \"digestKey\"; no other key is loaded.",
            "Lines cut off at the end leave no trace in the file. The gateway logs the head of its chain every minute, and",
            "--head checks that this line is still in the chain.",
        ],
        operands: [
            Operand(name: "FILE", summary: "An audit file; - is stdin.", repeats: true, completion: .file)
        ],
        flags: [
            .config,
            .valued(
                "--head", "SEQ:MAC", "A head from the gateway's log, which the chain has to contain.", repeats: true),
            .output,
        ],
        exits: [(.done, "the files are complete; there may be warnings"), (.no, "they are not complete")],
        security: [
            "The digest key is enough to write lines that verify. Keep the heads, or the log, where the gateway's machine cannot",
            "change them.",
        ],
        examples: [
            "signet audit verify audit.jsonl.2 audit.jsonl.1 audit.jsonl",
            "zcat audit.jsonl.1.gz | signet audit verify - --head 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        _ = try invocation.requiredOperand(0, "FILE")
        let isJSON = try invocation.wantsJSON()
        var heads: [AuditHead] = []
        for text in invocation.values("--head") {
            guard let head = AuditHead(text) else {
                throw CommandFailure(
                    .wrongUse, "--head needs a line's number and its MAC",
                    hint: "NUMBER:MAC with 64 lower-case hexadecimal digits, as the log's \"audit-head\" shows them")
            }
            heads.append(head)
        }
        try invocation.refuseStandardInputTwice(invocation.operands + [invocation.configurationPath])
        var verifier = AuditVerifier(key: try key(invocation), heads: heads)
        for path in invocation.operands {
            try reporting { try verifier.verify(file: path) }
        }
        let report = verifier.finish()
        try Output.report(asJSON: isJSON, json(of: report), text: text(of: report))
        return report.isWhole ? .done : .no
    }

    /// Loads the digest key and no other.
    private static func key(_ invocation: Invocation) throws(CommandFailure) -> HS256Key {
        let configuration = try invocation.configuration()
        guard let name = configuration.digestKey, let entry = configuration.keys.first(where: { $0.name == name })
        else {
            throw CommandFailure(
                .wrongUse, "\(configuration.file) has no \"digestKey\", which the audit's chain needs",
                hint: "name the configuration of the gateway that wrote the file: -c FILE")
        }
        let loaded = try reporting {
            var loader = KeyLoader(configuration.source)
            return try loader.load(entry)
        }
        guard case .hs256(let key) = loaded.key else {
            throw CommandFailure(.wrongUse, "the digest key is not an HMAC secret")
        }
        return key
    }

    private static func text(of report: AuditReport) -> String {
        var lines = report.findings.map { ($0.isWarning ? "warn  " : "fail  ") + $0.description }
        let faultsShown = report.findings.count { !$0.isWarning }
        if report.faultCount > faultsShown { lines.append("fail  and \(report.faultCount - faultsShown) more") }
        for chain in report.chains {
            lines.append("chain  \(chain.id): \(chain.lines) valid \(chain.lines == 1 ? "line" : "lines")")
            lines.append("first  \(chain.first.sequence)  \(chain.first.time)")
            lines.append("last   \(chain.last.sequence)  \(chain.last.time)")
            lines.append("head   \(chain.head)")
        }
        lines.append(end(of: report))
        lines.append(
            "\(report.isWhole ? "complete" : "not complete"): \(report.lines) \(report.lines == 1 ? "line" : "lines")")
        return lines.map { $0.visible + "\n" }.joined()
    }

    private static func end(of report: AuditReport) -> String {
        report.provesHead
            ? "the chain contains the given head: no line up to it was cut off"
            : "lines cut off at the end can be found only with --head"
    }

    private static func json(of report: AuditReport) -> JSONValue {
        [
            "whole": .boolean(report.isWhole),
            "lines": .number(JSONNumber(report.lines)),
            "headProved": .boolean(report.provesHead),
            "chains": .array(
                report.chains.map { chain in
                    [
                        "chain": .string(chain.id), "lines": .number(JSONNumber(chain.lines)),
                        "first": json(of: chain.first), "last": json(of: chain.last),
                        "head": .string(chain.head.description),
                    ]
                }),
            "faults": .number(JSONNumber(report.faultCount)),
            "findings": .array(
                report.findings.map { finding in
                    [
                        "kind": .string(finding.kind.rawValue), "result": finding.isWarning ? "warn" : "fail",
                        "file": .string(finding.file),
                        "line": finding.line.map { .number(JSONNumber($0)) } ?? .null,
                        "message": .string(finding.message),
                    ]
                }),
        ]
    }

    private static func json(of place: AuditReport.Place) -> JSONValue {
        ["seq": .number(JSONNumber(place.sequence)), "time": .string(place.time)]
    }
}
