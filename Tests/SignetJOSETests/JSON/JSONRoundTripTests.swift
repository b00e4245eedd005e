import Foundation
import SignetJOSE
import SignetTestSupport
import Testing

/// Random values from a fixed seed are written and read back.
@Suite struct JSONRoundTripTests {
    static let seed: UInt64 = 0x5167_6E65_7403

    @Test func randomValuesRoundTrip() throws {
        var generator = SeededGenerator(seed: Self.seed)
        for round in 0..<3_000 {
            let value = Self.value(depth: 0, using: &generator)
            let text = JSONWriter.bytes(of: value)
            #expect(try JSONReader.value(text) == value, "round \(round)")
            #expect(JSONWriter.bytes(of: try JSONReader.value(text)) == text)
        }
    }

    /// Foundation reads the same strings, so the writer's output is JSON for other programs too.
    @Test func foundationReadsTheSameStrings() throws {
        var generator = SeededGenerator(seed: Self.seed &+ 1)
        for _ in 0..<500 {
            let strings = (0..<5).map { _ in Self.string(using: &generator) }
            let text = JSONWriter.bytes(of: .array(strings.map { .string($0) }))
            let read = try JSONDecoder().decode([String].self, from: Data(text))
            #expect(read.map { Array($0.utf8) } == strings.map { Array($0.utf8) })
        }
    }

    /// A random text is refused, or its value is the same after writing and reading.
    @Test func randomTextsAreRefusedOrRoundTrip() throws {
        var generator = SeededGenerator(seed: Self.seed &+ 2)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u0061\"", "1", "-0.5e2", "true", "null", " ", "\"é", "\\",
        ]
        var taken = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                pieces.randomElement(using: &generator)!
            }
            guard let value = try? JSONReader.value(Array(text.joined().utf8)) else { continue }
            taken += 1
            #expect(try JSONReader.value(JSONWriter.bytes(of: value)) == value)
            #expect(try JSONSerialization.isRead(text.joined()))
        }
        #expect(taken > 100)
    }

    private static func value(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth < 6 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .boolean(.random(using: &generator))
        case 2: return .number(JSONNumber(Int64.random(in: .min ... .max, using: &generator)))
        case 3: return .number(JSONNumber(Int64.random(in: -9...9, using: &generator)))
        case 4, 5: return .string(string(using: &generator))
        case 6:
            let count = Int.random(in: 0...4, using: &generator)
            return .array((0..<count).map { _ in value(depth: depth + 1, using: &generator) })
        default:
            let count = Int.random(in: 0...4, using: &generator)
            return .object(
                (0..<count).map { number in
                    JSONMember("\(number)" + string(using: &generator), value(depth: depth + 1, using: &generator))
                })
        }
    }

    private static func string(using generator: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7E, 0x20...0x7E, 0x22...0x22, 0x5C...0x5C, 0x7F...0x2FF, 0x300...0x36F, 0x2000...0x206F,
            0xE000...0xFFFF, 0x1F300...0x1F6FF, 0x10FFF0...0x10FFFF,
        ]
        let count = Int.random(in: 0...12, using: &generator)
        let scalars = (0..<count).compactMap { _ in
            Unicode.Scalar(UInt32.random(in: ranges.randomElement(using: &generator)!, using: &generator))
        }
        return String(String.UnicodeScalarView(scalars))
    }
}

extension JSONSerialization {
    fileprivate static func isRead(_ text: String) throws -> Bool {
        _ = try jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        return true
    }
}
