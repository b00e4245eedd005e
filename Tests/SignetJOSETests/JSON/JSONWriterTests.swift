import SignetJOSE
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        JSONWriter.withBytes(writing: body, use: { String(decoding: $0, as: UTF8.self) })
    }

    @Test func onlyRequiredEscapesAreWritten() {
        let controls = String(String.UnicodeScalarView((0..<0x20).map { Unicode.Scalar($0)! }))
        #expect(
            JSONWriter.text(of: .string(controls))
                == #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
                + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#)
        #expect(JSONWriter.text(of: .string(#"a"b\c"#)) == #""a\"b\\c""#)
    }

    @Test(arguments: [
        "/", "</script>", "é€🙂", "\u{7F}\u{80}\u{2028}\u{2029}", "\u{FFFF}\u{10FFFF}", "&<>'", "e\u{301}", "",
    ])
    func otherCharactersAreNotEscaped(text: String) {
        #expect(Array(JSONWriter.bytes(of: .string(text))) == [0x22] + Array(text.utf8) + [0x22])
    }

    @Test func membersKeepTheOrderOfTheCalls() {
        let text = written { writer in
            writer.beginObject()
            writer.name("z")
            writer.integer(1)
            writer.name("a/b")
            writer.beginArray()
            writer.boolean(true)
            writer.boolean(false)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.beginArray()
            writer.endArray()
            writer.string("x")
            writer.endArray()
            writer.name("a")
            writer.value(["z": 1, "a": [.null]])
            writer.endObject()
        }
        #expect(text == #"{"z":1,"a/b":[true,false,null,{},[],"x"],"a":{"z":1,"a":[null]}}"#)
    }

    @Test func encodedPiecesKeepTheirPlaces() {
        let text = written { writer in
            writer.beginObject()
            writer.encoded(Array(#""type":"string""#.utf8))
            writer.encoded(Array(#""n":1"#.utf8))
            writer.name("last")
            writer.encoded(Array("[1]".utf8))
            writer.endObject()
        }
        #expect(text == #"{"type":"string","n":1,"last":[1]}"#)
    }

    static let integers: [Int64] = [
        0, 1, -1, 9, 10, -10, 99, 100, 1_767_225_600, .max, .min, .max - 1, .min + 1, 1_000_000_000_000_000_000,
    ]

    @Test(arguments: integers)
    func integersAreWrittenAsSwiftWritesThem(value: Int64) {
        #expect(written { $0.integer(value) } == String(value))
        #expect(JSONWriter.text(of: .number(JSONNumber(value))) == String(value))
    }

    /// Lengths around the first kilobyte of a buffer, and around its doublings.
    @Test func textOfAnyLengthIsComplete() {
        for length in (1_015...1_030).map(\.self) + [2_040, 2_046, 2_047, 2_048, 4_096, 100_000] {
            let text = String(repeating: "x", count: length)
            #expect(JSONWriter.text(of: .string(text)) == "\"\(text)\"")
            let pieces = written { writer in
                writer.beginArray()
                for _ in 0..<length { writer.integer(7) }
                writer.endArray()
            }
            #expect(pieces.utf8.count == 2 * length + 1 && pieces.hasPrefix("[7,7") && pieces.hasSuffix(",7]"))
        }
    }

    @Test(arguments: [0, 1, 2, 3, 32, 765, 766, 767, 768, 769, 3_000])
    func bytesAreWrittenAsBase64URL(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let text = written { writer in bytes.withUnsafeBytes { writer.base64URL($0) } }
        #expect(text == "\"\(Base64URL.encode(bytes))\"")
    }

    @Test func sameCallsGiveTheSameBytes() {
        let value: JSONValue = ["b": ["é", 1, .null], "a": ["z": true]]
        #expect(Set((0..<50).map { _ in JSONWriter.text(of: value) }) == [#"{"b":["é",1,null],"a":{"z":true}}"#])
    }
}
