/// The two forms of an ECDSA signature on P-256: DER for OpenSSL, and r ‖ s for JWS (RFC 7518 §3.4).
package enum ECDSASignature {
    /// The length of r ‖ s.
    static let rawLength = 64
    /// The longest DER form: two integers of 33 bytes and their framing.
    static let maximumDERLength = 72

    /// The order of P-256's group (FIPS 186-4 D.1.2.3). r and s have to be smaller.
    static let groupOrder: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// Whether r and s are both between 1 and the group's order minus 1.
    static func isInRange(raw: [UInt8]) -> Bool {
        [raw[..<32], raw[32...]].allSatisfy { number in
            number.contains { $0 != 0 } && number.lexicographicallyPrecedes(groupOrder)
        }
    }

    /// Whether bytes of a wrong length seem to be the DER form, which is the most common mistake.
    package static func looksLikeDER(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 8 && bytes[0] == 0x30 && Int(bytes[1]) == bytes.count - 2 && bytes[2] == 0x02
    }

    /// Writes r ‖ s from OpenSSL's form, SEQUENCE { INTEGER r, INTEGER s }.
    package static func copy(der: UnsafeRawBufferPointer, into raw: UnsafeMutableRawBufferPointer) -> Bool {
        guard raw.count == rawLength, der.count >= 8, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return false }
        _ = raw.initializeMemory(as: UInt8.self, repeating: 0)
        var index = 2
        for end in [32, 64] {
            guard index + 2 <= der.count, der[index] == 0x02 else { return false }
            let length = Int(der[index + 1])
            let first = index + 2
            guard length >= 1, first + length <= der.count else { return false }
            // A leading zero keeps a DER integer positive.
            let zero = length == 33 && der[first] == 0 ? 1 : 0
            guard length - zero <= 32 else { return false }
            let target = raw[(end - length + zero)..<end]
            UnsafeMutableRawBufferPointer(rebasing: target)
                .copyBytes(from: der[(first + zero)..<(first + length)])
            index = first + length
        }
        return index == der.count
    }

    /// The DER form of r ‖ s; nil if r or s is out of range.
    package static func der(raw: [UInt8]) -> [UInt8]? {
        guard raw.count == rawLength, isInRange(raw: raw) else { return nil }
        let integers = [raw[..<32], raw[32...]].flatMap { number -> [UInt8] in
            var bytes = Array(number.drop { $0 == 0 })
            if let first = bytes.first, first >= 0x80 { bytes.insert(0, at: 0) }
            return [0x02, UInt8(bytes.count)] + bytes
        }
        return [0x30, UInt8(integers.count)] + integers
    }
}
