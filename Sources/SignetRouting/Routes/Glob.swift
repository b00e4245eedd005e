/// Patterns of route names: `*` stands for any run of characters, also none.
package enum Glob {
    package static func matches(_ name: String, pattern: String) -> Bool {
        let (name, pattern) = (Array(name.utf8), Array(pattern.utf8))
        let star = UInt8(ascii: "*")
        var (index, position) = (0, 0)
        var retry: (index: Int, position: Int)?
        // Each character is either matched, or the last star takes one more.
        while index < name.count {
            if position < pattern.count, pattern[position] == star {
                retry = (index, position)
                position += 1
            } else if position < pattern.count, pattern[position] == name[index] {
                index += 1
                position += 1
            } else if let last = retry {
                retry = (last.index + 1, last.position)
                index = last.index + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == star }
    }
}
