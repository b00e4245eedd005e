import SignetJOSE
import SignetSystem

/// A metric that counts itself: its name, help text and labels are declared once.
///
/// Threads count apart from each other, so that a request hardly ever waits for another. A scrape adds them up.
final class MetricFamily<Value: MetricValue>: Sendable {
    private let name: String
    private let help: String
    private let labels: [StaticString]
    private let zero: Value
    private let stripes: [Lock<[LabelValues: Value]>]

    fileprivate init(_ name: String, _ help: String, _ labels: [StaticString], zero: Value) {
        self.name = name
        self.help = help
        self.labels = labels
        self.zero = zero
        stripes = (0..<16).map { _ in Lock([:]) }
    }

    fileprivate func update(_ values: LabelValues, _ change: (inout Value) -> Void) {
        stripes[ThreadIdentity.slot(bits: 4)].withLock { change(&$0[values, default: zero]) }
    }

    /// Writes the family, its series in the order of their labels' values.
    ///
    /// - Parameters:
    ///   - always: Series that are written even if nothing was counted.
    ///   - empty: What stands for the empty value of the last label.
    func write(to text: inout PrometheusText, always: [LabelValues] = [], empty: String = "") {
        var sum = Dictionary(always.map { ($0, zero) }, uniquingKeysWith: { first, _ in first })
        for stripe in stripes {
            sum.merge(stripe.withLock { $0 }) { left, right in
                var both = left
                both.add(right)
                return both
            }
        }
        text.family(name, Value.kind, help)
        for (values, value) in sum.sorted(by: { $0.key < $1.key }) {
            var pairs = zip(labels, values.all).map { (name: $0, value: $1) }
            if let last = pairs.last, last.value.isEmpty { pairs[pairs.count - 1].value = empty }
            value.write(to: &text, name, pairs)
        }
    }

    /// Whether nothing was counted.
    var isEmpty: Bool { stripes.allSatisfy { $0.withLock { $0.isEmpty } } }
}

extension MetricFamily<UInt64> {
    /// Declares a counter.
    convenience init(counter name: String, _ help: String, _ labels: [StaticString]) {
        self.init(name, help, labels, zero: 0)
    }

    func count(_ values: LabelValues, _ number: Int = 1) {
        update(values) { $0 &+= UInt64(number) }
    }
}

extension MetricFamily<Histogram> {
    /// Declares a histogram.
    convenience init(_ name: String, _ help: String, _ labels: [StaticString], buckets: [UInt64]) {
        self.init(name, help, labels, zero: Histogram(buckets))
    }

    func observe(_ values: LabelValues, nanoseconds: UInt64) {
        update(values) { $0.observe(nanoseconds) }
    }
}

/// The values of a family's labels, in the order of their names. At most four, so that counting allocates nothing.
struct LabelValues: Hashable, Comparable, Sendable {
    private let first, second, third, fourth: String

    init(_ first: String = "", _ second: String = "", _ third: String = "", _ fourth: String = "") {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    var all: [String] { [first, second, third, fourth] }

    static func < (left: LabelValues, right: LabelValues) -> Bool {
        left.all.lexicographicallyPrecedes(right.all)
    }
}

/// What a family counts.
protocol MetricValue: Sendable {
    static var kind: PrometheusText.Kind { get }
    /// Adds what another thread has counted.
    mutating func add(_ other: Self)
    func write(to text: inout PrometheusText, _ name: String, _ labels: PrometheusText.Labels)
}

extension UInt64: MetricValue {
    static var kind: PrometheusText.Kind { .counter }
    mutating func add(_ other: UInt64) { self &+= other }
    func write(to text: inout PrometheusText, _ name: String, _ labels: PrometheusText.Labels) {
        text.sample(name, labels, self)
    }
}

extension Histogram: MetricValue {
    static var kind: PrometheusText.Kind { .histogram }
    func write(to text: inout PrometheusText, _ name: String, _ labels: PrometheusText.Labels) {
        text.samples(name, labels, self)
    }
}

/// How often an operation took how long, in buckets of nanoseconds.
package struct Histogram: Sendable {
    /// The upper bounds of the buckets, ascending, in nanoseconds. The last bucket has no bound.
    let bounds: [UInt64]
    private(set) var counts: [UInt64]
    private(set) var nanoseconds: UInt64 = 0

    package init(_ bounds: [UInt64]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// The number of observations.
    var count: UInt64 { counts.reduce(0, &+) }

    package mutating func observe(_ duration: UInt64) {
        counts[bounds.firstIndex { duration <= $0 } ?? bounds.count] &+= 1
        nanoseconds &+= duration
    }

    /// Adds the observations of another histogram with the same bounds.
    package mutating func add(_ other: Histogram) {
        for (index, count) in other.counts.enumerated() { counts[index] &+= count }
        nanoseconds &+= other.nanoseconds
    }
}
