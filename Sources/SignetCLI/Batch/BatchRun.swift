import SignetIdentity
import SignetJOSE

/// `sign --batch`: identities in, results out, in order.
struct BatchRun {
    let desk: SigningDesk

    func run(_ path: String) throws(CommandFailure) -> ExitStatus {
        var progress = BatchProgress()
        try ParallelLines(path: path).run(answers) { answers throws(CommandFailure) in
            try Output.bytes(answers.output)
            progress.add(answers.lines, failed: answers.failed)
        }
        progress.finish()
        return progress.failed == 0 ? .done : .no
    }

    /// What is written for some lines.
    private struct Answers {
        var output: [UInt8] = []
        var lines = 0
        var failed = 0
    }

    private func answers(to slice: ParallelLines.Slice) -> Answers {
        var answers = Answers()
        for (number, line) in slice.numbered {
            let (json, signed) = answer(to: line, number: number)
            answers.lines += 1
            if !signed { answers.failed += 1 }
            answers.output += JSONWriter.visibleBytes(of: json)
            answers.output.append(UInt8(ascii: "\n"))
        }
        return answers
    }

    private func answer(to line: LineReader.Line, number: Int) -> (JSONValue, signed: Bool) {
        do {
            guard case .text(let bytes) = line else {
                return (failure(LineReader.tooLongCode, LineReader.tooLongReason, number), false)
            }
            let request = try SigningRequest(json: bytes)
            let signed = try desk.sign(request)
            let members = signed.json(route: desk.route).members ?? []
            return (.object([JSONMember("line", .number(JSONNumber(number)))] + members), true)
        } catch let error as IdentityError {
            let place = error.pointer.isEmpty ? "" : "\(error.pointer): "
            return (failure(error.code, "\(place)\(error.reason)", number), false)
        } catch let refusal as SigningDesk.Refusal {
            return (failure(refusal.code, refusal.reason, number), false)
        } catch {
            return (failure("signing-failed", "the line could not be signed", number), false)
        }
    }

    private func failure(_ code: String, _ message: String, _ number: Int) -> JSONValue {
        ["line": .number(JSONNumber(number)), "error": ["code": .string(code), "message": .string(message)]]
    }
}
