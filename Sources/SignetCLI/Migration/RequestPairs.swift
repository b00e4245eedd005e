import SignetRouting

/// Puts the two lines of one request together: for the new connection something was signed and sent to its vendor, that failed,
/// and the old one was handed out.
///
/// A line for the new side waits for its other half while a number of such lines follow, so that memory does not grow with the
/// lines. In files that are given in another order the halves come in another order.
struct RequestPairs {
    /// What is to be counted.
    enum Outcome {
        /// A line that is a request's only one, or its last.
        case counted(AuditedDecision)
        /// A line for the new side whose request was answered by the old one.
        case notHandedOut(AuditedDecision)
    }

    private struct Key: Hashable {
        let request: AuditedDecision.RequestMark
        let customer: CustomerTag?
    }

    /// Lines that wait, and which came first.
    private struct Waiting {
        private var lines: [Key: (ticket: Int, line: AuditedDecision)] = [:]
        private var order: [(ticket: Int, key: Key)] = []
        private var start = 0
        private var tickets = 0

        /// Adds a line, and returns one that has waited for long enough, or that nothing can be told from any more.
        mutating func add(_ line: AuditedDecision, as key: Key, limit: Int) -> [AuditedDecision] {
            var done: [AuditedDecision] = []
            if let same = lines[key] { done.append(same.line) }
            tickets += 1
            lines[key] = (tickets, line)
            order.append((tickets, key))
            while order.count - start > limit {
                let oldest = order[start]
                start += 1
                guard lines[oldest.key]?.ticket == oldest.ticket else { continue }
                if let line = lines.removeValue(forKey: oldest.key)?.line { done.append(line) }
            }
            if start > limit {
                order.removeFirst(start)
                start = 0
            }
            return done
        }

        mutating func take(_ key: Key, where isOther: (AuditedDecision) -> Bool) -> AuditedDecision? {
            guard let found = lines[key], isOther(found.line) else { return nil }
            lines[key] = nil
            return found.line
        }

        /// Everything that still waits.
        var rest: [AuditedDecision] { lines.values.map(\.line) }
    }

    /// How many lines wait for their other halves.
    private let limit: Int
    private var sent = Waiting()
    /// Fallbacks without another half so far. They are counted already.
    private var fallbacks = Waiting()

    init(limit: Int = 100_000) {
        self.limit = limit
    }

    /// Takes a line, and tells what can be counted by now.
    mutating func add(_ line: AuditedDecision) -> [Outcome] {
        let key = Key(request: line.request, customer: line.customer)
        switch (line.side, line.reason) {
        case (.to, _):
            if fallbacks.take(key, where: line.isBefore) != nil { return [.notHandedOut(line)] }
            return sent.add(line, as: key, limit: limit).map(Outcome.counted)
        case (.from, .fallback):
            if let sent = sent.take(key, where: { $0.isBefore(line) }) {
                return [.notHandedOut(sent), .counted(line)]
            }
            _ = fallbacks.add(line, as: key, limit: limit)
            return [.counted(line)]
        case (.from, _): return [.counted(line)]
        }
    }

    /// What waited in vain. Called once, after the last line.
    mutating func finish() -> [Outcome] {
        defer { sent = Waiting() }
        return sent.rest.map(Outcome.counted)
    }
}
