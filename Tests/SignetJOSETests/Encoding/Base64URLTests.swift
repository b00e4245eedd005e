import SignetJOSE
import SignetSystem
import Testing

@Suite struct Base64URLTests {
    struct Vector: Decodable {
        let text: String
        let base64: String
    }

    /// RFC 4648 §10, less the padding that RFC 7515 §2 leaves out.
    @Test(arguments: 0...6)
    func rfc4648VectorsAreEncodedAndDecoded(number: Int) throws {
        let vector = try Fixtures.decode("vectors/rfc4648.json", as: [Vector].self)[number]
        let unpadded = String(vector.base64.prefix { $0 != "=" })
        #expect(Base64URL.encode(Array(vector.text.utf8)) == unpadded)
        #expect(try Base64URL.decode(unpadded) == Array(vector.text.utf8))
        #expect(Base64URL.encodedLength(vector.text.utf8.count) == unpadded.utf8.count)
    }

    @Test(arguments: 0...6)
    func paddedTextIsRefused(number: Int) throws {
        let vector = try Fixtures.decode("vectors/rfc4648.json", as: [Vector].self)[number]
        guard vector.base64.hasSuffix("=") else { return }
        #expect(throws: Base64URL.Fault.padding) { try Base64URL.decode(vector.base64) }
        let secret = SecretBytes(copying: Array(vector.base64.utf8))
        #expect(try SecretEncoding.base64.decode(secret).hasSameBytes(as: SecretBytes(copying: vector.text.utf8)))
    }

    @Test func all256BytesRoundTrip() throws {
        let bytes = (0...255).map { UInt8($0) }
        for count in 0...256 {
            #expect(try Base64URL.decode(Base64URL.encode(bytes.prefix(count))) == Array(bytes.prefix(count)))
        }
    }

    /// Of the 4,096 texts of two characters, exactly one decodes to each of the 256 bytes.
    @Test func eachSequenceOfBytesHasOneText() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var decoded: [[UInt8]: Int] = [:]
        for first in alphabet {
            for second in alphabet {
                guard let bytes = try? Base64URL.decode([first, second]) else { continue }
                decoded[bytes, default: 0] += 1
            }
        }
        #expect(decoded.count == 256)
        #expect(decoded.values.allSatisfy { $0 == 1 })
    }

    @Test func everyByteOutsideTheAlphabetIsRefused() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in UInt8.min...UInt8.max where !alphabet.contains(byte) {
            let fault: Base64URL.Fault =
                switch byte {
                case UInt8(ascii: "="): .padding
                case UInt8(ascii: "+"), UInt8(ascii: "/"): .plainAlphabet(at: 1)
                default: .character(at: 1)
                }
            #expect(throws: fault, "byte \(byte)") {
                try Base64URL.decode([UInt8(ascii: "A"), byte, UInt8(ascii: "A"), UInt8(ascii: "A")])
            }
        }
    }

    @Test(arguments: [
        ("A", Base64URL.Fault.length), ("AAAAA", .length), ("Zh", .spareBits), ("Zm9", .spareBits),
        ("Zg=", .padding), ("====", .padding), ("+AAA", .plainAlphabet(at: 0)), ("AA/A", .plainAlphabet(at: 2)),
        ("AAA A", .character(at: 3)), ("AA\n", .character(at: 2)), ("é", .character(at: 0)),
    ])
    func faultIsNamed(text: String, fault: Base64URL.Fault) {
        #expect(throws: fault) { try Base64URL.decode(text) }
    }
}
