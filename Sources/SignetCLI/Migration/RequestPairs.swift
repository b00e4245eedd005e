import SignetRouting

/// Joins the two lines of a request with a fallback: an identity was signed for the new connection and sent to its vendor, the
/// call failed, and the old connection was used.
///
/// A line for the new side waits for the other line until a number of such lines have followed, so that memory stays limited.
/// The two lines can come in either order, because the files can.
struct RequestPairs {
    /// A line to count.
    enum Outcome {
        /// The only or the last line of a request.
        case counted(AuditedDecision)
        /// A line for the new side of a request that the old connection answered.
        case notReturned(AuditedDecision)
    }

    private struct Key: Hashable {
        let request: AuditedDecision.RequestMark
        let customer: CustomerTag?
    }

    /// Waiting lines, in the order of their arrival.
    private struct Waiting {
        private var lines: [Key: (ticket: Int, line: AuditedDecision)] = [:]
        private var order: [(ticket: Int, key: Key)] = []
        private var start = 0
        private var tickets = 0

        /// Adds a line. Returns lines that have waited long enough or are replaced by it.
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

        /// The lines that still wait.
        var rest: [AuditedDecision] { lines.values.map(\.line) }
    }

    /// How many lines can wait.
    private let limit: Int
    private var sent = Waiting()
    /// Fallbacks whose other line has not come. They are counted already.
    private var fallbacks = Waiting()

    init(limit: Int = 100_000) {
        self.limit = limit
    }

    /// Takes a line. Returns the lines that can be counted now.
    mutating func add(_ line: AuditedDecision) -> [Outcome] {
        let key = Key(request: line.request, customer: line.customer)
        switch (line.side, line.reason) {
        case (.to, _):
            if fallbacks.take(key, where: line.isBefore) != nil { return [.notReturned(line)] }
            return sent.add(line, as: key, limit: limit).map(Outcome.counted)
        case (.from, .fallback):
            if let sent = sent.take(key, where: { $0.isBefore(line) }) {
                return [.notReturned(sent), .counted(line)]
            }
            _ = fallbacks.add(line, as: key, limit: limit)
            return [.counted(line)]
        case (.from, _): return [.counted(line)]
        }
    }

    /// The lines whose other line did not come. Called once, after the last line.
    mutating func finish() -> [Outcome] {
        defer { sent = Waiting() }
        return sent.rest.map(Outcome.counted)
    }
}
