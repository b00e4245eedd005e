import Dispatch
import SignetIdentity
import SignetJOSE

/// `sign --batch`: identities in, results out, in order, on all cores, in a memory that does not grow with the input.
///
/// Whatever one read brings is signed side by side and written before the next read, so a program that feeds lines one at a
/// time gets each answer at once.
struct BatchRun {
    let desk: SigningDesk

    func run(_ path: String) throws(CommandFailure) -> ExitStatus {
        let input = try failing({ CommandFailure($0) }) { () throws(FileError) in try LineReader(path: path) }
        var progress = BatchProgress()
        var line = 0
        while true {
            let lines = try failing({ CommandFailure($0) }) { () throws(FileError) in try input.next() }
            guard let lines else { break }
            for answer in answers(to: lines, after: line) {
                try Output.bytes(answer.output)
                progress.add(answer.lines, failed: answer.failed)
            }
            line += lines.count
        }
        progress.finish()
        return progress.failed == 0 ? .done : .no
    }

    /// The answers to some lines, in their order.
    private func answers(to lines: [LineReader.Line], after first: Int) -> [SliceResults.Slice] {
        let sliceLength = 256
        let slices = (lines.count + sliceLength - 1) / sliceLength
        let results = SliceResults(count: slices)
        DispatchQueue.concurrentPerform(iterations: slices) { slice in
            var result = SliceResults.Slice()
            for index in (slice * sliceLength)..<min(lines.count, (slice + 1) * sliceLength) {
                let (json, signed) = answer(to: lines[index], number: first + index + 1)
                result.lines += 1
                if !signed { result.failed += 1 }
                result.output += JSONWriter.bytes(of: json)
                result.output.append(UInt8(ascii: "\n"))
            }
            results.set(slice, result)
        }
        return results.all
    }

    private func answer(to line: LineReader.Line, number: Int) -> (JSONValue, signed: Bool) {
        do {
            guard case .text(let bytes) = line else {
                return (
                    failure("line-too-long", "the line is longer than \(LineReader.maximumLength) bytes", number), false
                )
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

/// What the slices of one read came to, each written by one thread only.
private final class SliceResults: @unchecked Sendable {
    // Unchecked: every index is written by one thread, and read after all threads are done.
    private let slots: UnsafeMutableBufferPointer<Slice>

    struct Slice {
        var output: [UInt8] = []
        var lines = 0
        var failed = 0
    }

    init(count: Int) {
        slots = .allocate(capacity: count)
        slots.initialize(repeating: Slice())
    }

    deinit {
        slots.deinitialize()
        slots.deallocate()
    }

    func set(_ index: Int, _ slice: Slice) {
        slots[index] = slice
    }

    var all: [Slice] { Array(slots) }
}
