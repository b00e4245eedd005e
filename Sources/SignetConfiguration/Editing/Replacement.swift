/// Bytes in the place of others.
struct Replacement: Equatable {
    /// What goes; empty where something is only put in.
    let range: Range<Int>
    /// What comes.
    let bytes: [UInt8]

    /// Something in the place of something.
    init(_ range: Range<Int>, _ bytes: [UInt8]) {
        self.range = range
        self.bytes = bytes
    }

    /// Something put in.
    static func inserting(_ bytes: [UInt8], at offset: Int) -> Replacement {
        Replacement(offset..<offset, bytes)
    }

    /// Something taken out.
    static func removing(_ range: Range<Int>) -> Replacement {
        Replacement(range, [])
    }
}

extension [UInt8] {
    /// The bytes with these replacements, which do not overlap; at one place they come in their order.
    func applying(_ replacements: [Replacement]) -> [UInt8] {
        let ordered = replacements.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
        }
        var result: [UInt8] = []
        var kept = 0
        for (_, replacement) in ordered {
            result += self[kept..<replacement.range.lowerBound]
            result += replacement.bytes
            kept = replacement.range.upperBound
        }
        return result + self[kept...]
    }
}
