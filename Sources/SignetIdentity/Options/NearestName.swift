/// Finds the name that the user probably meant.
///
/// Comparing takes time and the name can come from an attacker, so the length of the name and of the list is limited.
package enum NearestName {
    /// The longest list that a name is compared with.
    package static let longestList = 64
    /// The longest name that is compared, in bytes.
    static let longestName = 64

    /// The nearest of `names`, at most a third of the length away; nil if there is none.
    package static func to(_ name: String, among names: some Collection<String>) -> String? {
        guard name.utf8.count <= longestName, names.count <= longestList else { return nil }
        let limit = max(1, name.utf8.count / 3)
        let wanted = Array(name.lowercased().utf8)
        var nearest: (name: String, distance: Int)?
        for candidate in names {
            let letters = Array(candidate.lowercased().utf8)
            guard abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            guard distance <= limit else { continue }
            if nearest.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
                nearest = (candidate, distance)
            }
        }
        // In a name of two letters, another letter makes another name: "uk" is not a misspelt "us".
        if let found = nearest, name.count < 3, !Set(name.lowercased()).isSubset(of: found.name.lowercased()) {
            return nil
        }
        return nearest?.name
    }

    /// `did you mean "x"?`, or the list of all names if it is short.
    package static func hint(for name: String, among names: some Collection<String>) -> String? {
        if let nearest = to(name, among: names) { return "did you mean \"\(nearest)\"?" }
        guard !names.isEmpty, names.count <= 24 else { return nil }
        return "valid: " + names.joined(separator: ", ")
    }

    /// The number of edits between two names; swapping two neighbours counts as one edit.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
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
