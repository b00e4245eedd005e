/// Values by their names, as many as there is room for: the oldest goes for the next.
package struct Recent<Value> {
    private let capacity: Int
    private var values: [String: Value] = [:]
    private var names: [String] = []
    /// Where the oldest name stands, once all places are taken.
    private var oldest = 0

    package init(capacity: Int) {
        precondition(capacity > 0, "nothing could be remembered")
        self.capacity = capacity
    }

    package subscript(name: String) -> Value? { values[name] }

    /// Takes a value under a new name.
    package mutating func insert(_ value: Value, as name: String) {
        guard values.updateValue(value, forKey: name) == nil else { return }
        if names.count < capacity {
            names.append(name)
        } else {
            values[names[oldest]] = nil
            names[oldest] = name
            oldest = (oldest + 1) % capacity
        }
    }

    /// Takes another value under a name that is there.
    package mutating func replace(_ value: Value, as name: String) {
        if values[name] != nil { values[name] = value }
    }
}
