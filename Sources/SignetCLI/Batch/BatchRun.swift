import SignetIdentity
import SignetJOSE

/// `sign --batch`: identities in, results out, in order.
struct BatchRun {
    let desk: SigningDesk
    /// Whether answers are JSON; otherwise each is a token alone.
    let isJSON: Bool

    func run(_ path: String) throws(CommandFailure) -> ExitStatus {
        var progress = BatchProgress()
        try ParallelLines(path: path).run(answers) { answers throws(CommandFailure) in
            try Output.bytes(answers.output)
            for line in answers.notes { Output.note(line) }
            progress.add(answers.lines, failed: answers.failed)
        }
        progress.finish()
        return progress.failed == 0 ? .done : .no
    }

    /// What is written for some lines.
    private struct Answers {
        var output: [UInt8] = []
        /// What goes to stderr.
        var notes: [String] = []
        var lines = 0
        var failed = 0
    }

    private func answers(to slice: ParallelLines.Slice) -> Answers {
        var answers = Answers()
        for (number, line) in slice.numbered {
            answers.lines += 1
            let members: [JSONMember]
            switch answer(to: line) {
            case .success(let signed):
                members = isJSON ? signed.json(route: desk.route).members ?? [] : []
                if !isJSON { answers.output += signed.token.compact.utf8 }
            case .failure(let failure):
                answers.failed += 1
                members = [
                    JSONMember("error", ["code": .string(failure.code), "message": .string(failure.message)])
                ]
                if !isJSON { answers.notes += CommandFailure(.no, "line \(number): \(failure.message)").lines }
            }
            if isJSON {
                let line = JSONMember("line", .number(JSONNumber(number)))
                answers.output += JSONWriter.visibleBytes(of: .object([line] + members))
            }
            answers.output.append(UInt8(ascii: "\n"))
        }
        return answers
    }

    /// Why a line was not signed.
    private struct Failure: Error {
        let code: String
        let message: String
    }

    private func answer(to line: LineReader.Line) -> Result<SignedIdentity, Failure> {
        do {
            guard case .text(let bytes) = line else {
                return .failure(Failure(code: LineReader.tooLongCode, message: LineReader.tooLongReason))
            }
            return .success(try desk.sign(try SigningRequest(json: bytes)))
        } catch let error as IdentityError {
            let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
            return .failure(Failure(code: error.code, message: "\(place)\(error.reason)"))
        } catch let refusal as SigningDesk.Refusal {
            return .failure(Failure(code: refusal.code, message: refusal.reason))
        } catch {
            return .failure(Failure(code: "signing-failed", message: "the line could not be signed"))
        }
    }
}
