import SignetJOSE

/// Writes metrics in Prometheus' text format 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
package struct PrometheusText {
    /// The kinds of metric.
    package enum Kind: String {
        case counter, gauge, histogram
    }

    package typealias Labels = [(name: StaticString, value: String)]

    /// A value of a gauge.
    package struct Sample {
        let labels: Labels
        let value: Int64

        package init(_ value: some BinaryInteger) {
            self.init([], value)
        }

        package init(_ labels: Labels, _ value: some BinaryInteger) {
            self.labels = labels
            self.value = Int64(value)
        }
    }

    private(set) var text = ""

    /// Begins a metric; its samples follow.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A gauge with its samples.
    package mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
        family(name, .gauge, help)
        for value in samples { sample(name, value.labels, value.value) }
    }

    /// A sample with its value as text.
    package mutating func sample(_ name: String, _ labels: Labels = [], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value.visibleLines, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// A sample of an integer.
    package mutating func sample(_ name: String, _ labels: Labels = [], _ value: some FixedWidthInteger) {
        sample(name, labels, String(value))
    }

    /// The samples of a histogram, in seconds.
    package mutating func samples(_ name: String, _ labels: Labels, _ histogram: Histogram) {
        var count: UInt64 = 0
        for (bound, inBucket) in zip(histogram.bounds, histogram.counts) {
            count &+= inBucket
            sample("\(name)_bucket", labels + [("le", Self.seconds(bound))], count)
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], histogram.count)
        sample("\(name)_sum", labels, Self.seconds(histogram.nanoseconds))
        sample("\(name)_count", labels, histogram.count)
    }

    /// Nanoseconds as seconds, never passed through floating point.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let (whole, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard fraction > 0 else { return String(whole) }
        var digits = String(fraction + 1_000_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { [0x5C, 0x0A, 0x22].contains($0) }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
