import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `sign --batch`: reads identities and writes results in the same order.
struct BatchRun {
    let setup: SigningSetup
    /// Whether results are JSON; otherwise each is only the token.
    let isJSON: Bool

    func run(_ path: String) throws(CommandFailure) -> ExitStatus {
        var progress = BatchProgress()
        var warnings = UnreadWarnings(setup.readMembers)
        var namesSession = false
        try ParallelLines(path: path, refusing: IdentityLine.refuseOtherForms).run(answers) {
            answers, share throws(CommandFailure) in
            warnings.warn(of: answers.unread)
            if let missing = answers.missingSession, !namesSession {
                try Output.bytes(Array(answers.output[..<missing.offset]))
                throw CommandFailure(
                    .wrongUse, "line \(missing.line): \(missing.reason)", hint: CommandFailure.sessionHint)
            }
            namesSession = namesSession || answers.namesSession
            try Output.bytes(answers.output)
            for line in answers.notes { Output.note(line) }
            progress.add(answers.lines, failed: answers.failed, share: share)
        }
        progress.finish()
        if progress.done == 0 { IdentityLine.reportNone(in: path) }
        return progress.done > 0 && progress.failed == 0 ? .done : .no
    }

    /// The results of some lines.
    private struct Answers {
        var output: [UInt8] = []
        /// The lines for stderr.
        var notes: [String] = []
        var lines = 0
        var failed = 0
        /// The members of the lines that nothing reads.
        var unread: Set<UnreadMembers.Member> = []
        /// Whether some line names its session.
        var namesSession = false
        /// The first line without a session that needs one, if no line before it named one. Then the command line has to name it.
        var missingSession: (line: Int, offset: Int, reason: String)?
    }

    private func answers(to slice: ParallelLines.Slice) -> Answers {
        var answers = Answers()
        for (number, line) in slice.numbered {
            let members = answer(to: line, number: number, &answers)
            answers.lines += 1
            if isJSON {
                let line = JSONMember("line", .number(JSONNumber(number)))
                answers.output += JSONWriter.visibleBytes(of: .object([line] + members))
            }
            answers.output.append(UInt8(ascii: "\n"))
        }
        return answers
    }

    private func answer(to line: LineReader.Line, number: Int, _ answers: inout Answers) -> [JSONMember] {
        guard case .text(let bytes) = line else {
            return failure(LineReader.tooLongCode, LineReader.tooLongReason, number, &answers)
        }
        let read = IdentityLine(bytes)
        let reference = read.reference.map { [JSONMember("ref", $0)] } ?? []
        let request: SigningRequest
        do {
            request = try read.request.get()
        } catch {
            return reference + failure(error.code, error.description, number, &answers)
        }
        answers.unread.formUnion(setup.unread(in: request))
        if request.sessionID != nil { answers.namesSession = true }
        do {
            let signed = try setup.sign(request)
            if isJSON { return reference + (signed.json(route: setup.route).members ?? []) }
            answers.output += signed.token.compact.utf8
            return []
        } catch {
            if error.isMissingSession, !answers.namesSession, answers.missingSession == nil {
                answers.missingSession = (number, answers.output.count, error.message)
            }
            return reference + failure(error.code ?? "", error.message, number, &answers)
        }
    }

    private func failure(
        _ code: String, _ message: String, _ number: Int, _ answers: inout Answers
    ) -> [JSONMember] {
        answers.failed += 1
        if !isJSON { answers.notes += CommandFailure(.no, "line \(number): \(message)").lines }
        return [JSONMember("error", ["code": .string(code), "message": .string(message)])]
    }
}
