/// Prometheus' text format 0.0.4, read as strictly as promtool does: families declared before their samples and in one
/// piece, no series twice, labels well formed and escaped, histograms whole.
struct StrictMetrics {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var series: [String: String] = [:]
    private var current = ""

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "no line end at the end") }
        var help: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, help.insert(words[2]).inserted else {
                    throw Fault(description: "HELP: \(line)")
                }
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, ["counter", "gauge", "histogram"].contains(words[3]), types[words[2]] == nil,
                    help.contains(words[2]), words[3] != "counter" || words[2].hasSuffix("_total")
                else { throw Fault(description: "TYPE: \(line)") }
                types[words[2]] = words[3]
                current = words[2]
            } else {
                try sample(String(line))
            }
        }
        try checkHistograms()
    }

    private mutating func sample(_ line: String) throws {
        let pattern =
            /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[0-9]+(?:\.[0-9]+)?)/
        guard let match = try pattern.wholeMatch(in: line) else { throw Fault(description: "sample: \(line)") }
        let name = String(match.1)
        let suffixes = types[current] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { current + $0 == name }) else {
            throw Fault(description: "not of \(current): \(line)")
        }
        let key = name + String(match.2 ?? "")
        guard series.updateValue(String(match.3), forKey: key) == nil else {
            throw Fault(description: "twice: \(line)")
        }
    }

    /// Buckets ascend, and the last is the count.
    private func checkHistograms() throws {
        var buckets: [String: [(bound: Double, count: Double)]] = [:]
        for (key, value) in series {
            guard let le = key.firstMatch(of: /_bucket\{(.*?),?le="([^"]*)"\}/) else { continue }
            let base = String(key[..<le.range.lowerBound]) + "|" + le.1
            let bound = le.2 == "+Inf" ? Double.infinity : Double(le.2) ?? .nan
            buckets[base, default: []].append((bound, Double(value) ?? .nan))
        }
        for (base, unsorted) in buckets {
            let sorted = unsorted.sorted { $0.bound < $1.bound }
            let parts = base.split(separator: "|", omittingEmptySubsequences: false)
            let count = series["\(parts[0])_count" + (parts[1].isEmpty ? "" : "{\(parts[1])}")]
            guard sorted.last?.bound == .infinity, sorted.last?.count == count.flatMap(Double.init),
                zip(sorted, sorted.dropFirst()).allSatisfy({ $0.count <= $1.count })
            else { throw Fault(description: "histogram \(base)") }
        }
    }
}
