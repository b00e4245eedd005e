import Dispatch
import SignetJOSE
import SignetSystem

/// Processes the lines of a file on all cores and delivers the results in order. Memory does not grow with the input.
///
/// The lines of one read are processed in parallel and delivered before the next read, so a program that writes one line at a
/// time gets each result at once.
struct ParallelLines {
    /// Consecutive lines.
    struct Slice {
        let lines: ArraySlice<LineReader.Line>
        /// The number of the first, counted from 1.
        let firstNumber: Int

        /// The lines with their numbers.
        var numbered: some Sequence<(number: Int, line: LineReader.Line)> {
            lines.enumerated().lazy.map { (firstNumber + $0, $1) }
        }
    }

    private static let sliceLength = 256

    let path: String
    /// Refuses an input by its start, if it has another format.
    var refusing: (_ start: [UInt8]) throws(CommandFailure) -> Void = { _ in }

    /// Runs to the end of the file; `-` is standard input.
    ///
    /// - Parameters:
    ///   - work: Called for slices in parallel, on any thread.
    ///   - take: Called with the results of the slices in the order of the lines, and with the share of the input that has been read,
    ///     in percent, if its size is known.
    func run<Outcome: Sendable>(
        _ work: @Sendable (Slice) -> Outcome, take: (Outcome, Int?) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let input = try reporting { try LineReader(path: path) }
        try refusing(input.start)
        var number = 1
        while true {
            let lines = try reporting { try input.next() }
            guard let lines else { return }
            for outcome in Self.outcomes(of: lines, from: number, work) { try take(outcome, input.share) }
            number += lines.count
        }
    }

    private static func outcomes<Outcome: Sendable>(
        of lines: [LineReader.Line], from first: Int, _ work: @Sendable (Slice) -> Outcome
    ) -> [Outcome] {
        let count = (lines.count + sliceLength - 1) / sliceLength
        let outcomes = Outcomes<Outcome>(count: count)
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let start = index * sliceLength
            let slice = lines[start..<min(lines.count, start + sliceLength)]
            outcomes.set(index, work(Slice(lines: slice, firstNumber: first + start)))
        }
        return outcomes.all
    }
}

/// The results of the slices of one read.
private final class Outcomes<Outcome: Sendable>: @unchecked Sendable {
    // Unchecked: every index is written by one thread, and read after all threads are done.
    private let slots: UnsafeMutableBufferPointer<Outcome?>

    init(count: Int) {
        slots = .allocate(capacity: count)
        slots.initialize(repeating: nil)
    }

    deinit {
        slots.deinitialize()
        slots.deallocate()
    }

    func set(_ index: Int, _ outcome: Outcome) {
        slots[index] = outcome
    }

    var all: [Outcome] { slots.compactMap { $0 } }
}
