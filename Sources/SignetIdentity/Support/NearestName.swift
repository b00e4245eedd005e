/// Finds the name that was probably meant.
package enum NearestName {
    /// Nobody mistypes a longer name, and comparing one would take as long as its sender likes.
    private static let longest = 128

    /// The nearest of `names` within a third of the length, or nil.
    package static func to(_ name: String, among names: some Sequence<String>) -> String? {
        guard name.utf8.count <= longest else { return nil }
        let limit = max(1, name.count / 3)
        let ranked = names.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
        let nearest = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let nearest, nearest.distance <= limit else { return nil }
        // Of two letters, another one makes another name: "uk" is no slip for "us".
        if name.count < 3, !Set(name.lowercased()).isSubset(of: nearest.name.lowercased()) { return nil }
        return nearest.name
    }

    /// `did you mean "x"?`, or the list of all names while it is short.
    package static func hint(for name: String, among names: [String]) -> String? {
        if let nearest = to(name, among: names) { return "did you mean \"\(nearest)\"?" }
        guard !names.isEmpty, names.count <= 24 else { return nil }
        return "valid: " + names.joined(separator: ", ")
    }

    /// Edits between two names; two neighbours swapped count as one edit.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var before: [Int] = []
        var previous = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row]
            for column in 1..<(right.count + 1) {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                var best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + change)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, before[column - 2] + 1)
                }
                current.append(best)
            }
            (before, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
