import Dispatch

/// Shows on a terminal how many lines of a batch are done.
struct BatchProgress {
    private(set) var done = 0
    private(set) var failed = 0
    private let isTerminal = Output.isTerminal
    private let start = DispatchTime.now().uptimeNanoseconds
    private var lastShown: UInt64 = 0
    private var share: Int?

    /// - Parameter share: How much of the input has been read, in percent; nil if its size is not known.
    mutating func add(_ count: Int, failed: Int, share: Int?) {
        self.share = share
        done += count
        self.failed += failed
        let now = DispatchTime.now().uptimeNanoseconds
        guard isTerminal, now - lastShown > 100_000_000 else { return }
        lastShown = now
        Output.progress(text(at: now))
    }

    /// Shows the final counts on a terminal. Elsewhere, reports how many lines failed.
    func finish() {
        finishOnTerminal()
        if !isTerminal && failed > 0 { Output.note("signet: error: \(failed) of \(done) lines could not be signed") }
    }

    /// Shows the final counts on a terminal, for a command whose result reports the failures.
    func finishOnTerminal() {
        if isTerminal { Output.progress(text(at: DispatchTime.now().uptimeNanoseconds) + "\n") }
    }

    private func text(at now: UInt64) -> String {
        let rate = UInt64(done) * 1_000_000_000 / max(1, now - start)
        return (share.map { "\($0) %, " } ?? "") + "\(done) lines, \(failed) failed, \(rate) a second"
    }
}
