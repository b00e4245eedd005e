import SignetIdentity
import SignetSystem

/// A moment that comes again and again.
struct Repeating {
    private let milliseconds: Int64
    private(set) var next: MonotonicTime

    init(every milliseconds: Int64) {
        self.milliseconds = milliseconds
        next = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
    }

    /// Whether it has come; then the next is that much later.
    var isDue: Bool {
        mutating get {
            let now = MonotonicTime.now
            guard now >= next else { return false }
            next = now.advanced(byMilliseconds: milliseconds)
            return true
        }
    }
}
