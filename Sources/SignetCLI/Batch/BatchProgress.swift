import Dispatch

/// Says how far a batch is, on a terminal and nowhere else.
struct BatchProgress {
    private(set) var done = 0
    private(set) var failed = 0
    private let isWatched = Output.isWatched
    private let start = DispatchTime.now().uptimeNanoseconds
    private var lastShown: UInt64 = 0
    private var share: Int?

    /// - Parameter share: How much of the input has been read, in percent; nil where its size is not known.
    mutating func add(_ count: Int, failed: Int, share: Int?) {
        self.share = share
        done += count
        self.failed += failed
        let now = DispatchTime.now().uptimeNanoseconds
        guard isWatched, now - lastShown > 100_000_000 else { return }
        lastShown = now
        Output.progress(text(at: now))
    }

    /// The last word, and where nobody watched, how many failed.
    func finish() {
        finishOnTerminal()
        if !isWatched && failed > 0 { Output.note("signet: error: \(failed) of \(done) lines could not be signed") }
    }

    /// The last word on a terminal alone, where the result itself tells what failed.
    func finishOnTerminal() {
        if isWatched { Output.progress(text(at: DispatchTime.now().uptimeNanoseconds) + "\n") }
    }

    private func text(at now: UInt64) -> String {
        let rate = UInt64(done) * 1_000_000_000 / max(1, now - start)
        return (share.map { "\($0) %, " } ?? "") + "\(done) lines, \(failed) failed, \(rate) a second"
    }
}
