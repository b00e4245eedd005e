import SignetIdentity
import SignetJOSE
import SignetSystem

/// A file of subjects, one a line, in UTF-8; empty lines are left out, and everything else counts to the byte.
///
/// There may be millions, in a gateway that reads them while it serves: the file's bytes are kept as they are, and a table says
/// where a subject starts.
package final class PinList: Sendable, Equatable {
    package static func == (left: PinList, right: PinList) -> Bool {
        left === right || left.bytes == right.bytes
    }

    /// Why a file is no such list.
    package struct Fault: Error {
        package let line: Int
        package let message: String
        package var hint = "one subject a line, in UTF-8"
    }

    /// How many different subjects there are.
    package let count: Int
    /// What the file holds.
    private let bytes: [UInt8]
    /// Where subjects start, and one more: 0 is a slot that is free. A power of two of them, half of them free at least.
    private let slots: [UInt32]

    package init(_ bytes: [UInt8]) throws(Fault) {
        let starts = try Self.starts(in: bytes)
        var size = 2
        while size < 2 * starts.count { size *= 2 }
        var slots = [UInt32](repeating: 0, count: size)
        var count = 0
        for start in starts {
            let subject = Self.subject(at: Int(start), in: bytes)
            let slot = Self.slot(of: subject, in: slots, bytes)
            guard slots[slot] == 0 else { continue }
            slots[slot] = start + 1
            count += 1
        }
        self.bytes = bytes
        self.slots = slots
        self.count = count
    }

    /// The line of a subject, from 1; nil where it is not in the list.
    package func line(of subject: String) -> Int? {
        place(of: subject.utf8).map(line(at:))
    }

    package func contains(_ subject: String) -> Bool {
        place(of: subject.utf8) != nil
    }

    /// How many subjects are in both lists, and the lines of the first.
    func overlap(with other: PinList) -> (count: Int, line: Int, otherLine: Int)? {
        var count = 0
        var first: (place: Int, other: Int)?
        for slot in slots where slot > 0 {
            let start = Int(slot) - 1
            guard let place = other.place(of: Self.subject(at: start, in: bytes)) else { continue }
            count += 1
            if first.map({ start < $0.place }) ?? true { first = (start, place) }
        }
        return first.map { (count, line(at: $0.place), other.line(at: $0.other)) }
    }

    /// How many of some subjects are in the list, and the line of the first.
    func overlap(with subjects: Set<ByteString>) -> (count: Int, line: Int)? {
        let places = subjects.compactMap { place(of: $0.string.utf8) }
        return places.min().map { (places.count, line(at: $0)) }
    }

    private func place(of subject: some Sequence<UInt8>) -> Int? {
        let start = Int(slots[Self.slot(of: subject, in: slots, bytes)])
        return start == 0 ? nil : start - 1
    }

    private func line(at place: Int) -> Int {
        1 + bytes[..<place].count { $0 == Self.newline }
    }

    // MARK: Lines

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func starts(in bytes: [UInt8]) throws(Fault) -> [UInt32] {
        guard !bytes.starts(with: byteOrderMark) else {
            throw Fault(
                line: 1, message: "it starts with a byte order mark, which would be part of the first subject",
                hint: "write the file as UTF-8 without one")
        }
        var starts: [UInt32] = []
        var (start, line) = (0, 0)
        while start < bytes.count {
            line += 1
            var (end, unusual) = (start, 0)
            while end < bytes.count, bytes[end] != newline {
                if bytes[end] < 0x20 || bytes[end] >= 0x7F { unusual += 1 }
                end += 1
            }
            let next = end + 1
            if end > start, bytes[end - 1] == carriageReturn {
                end -= 1
                unusual -= 1
            }
            if end > start {
                // Printable ASCII needs no second look, and is what nearly every line of millions is.
                if unusual > 0 || end - start > Customer.maximumSubjectLength { try check(bytes[start..<end], line) }
                starts.append(UInt32(start))
            }
            start = next
        }
        return starts
    }

    /// What could be no customer's subject would pin nobody.
    private static func check(_ bytes: ArraySlice<UInt8>, _ line: Int) throws(Fault) {
        guard let subject = String(validating: bytes, as: UTF8.self) else {
            throw Fault(line: line, message: "it is not UTF-8")
        }
        do {
            _ = try Customer(subject: subject)
        } catch {
            throw Fault(line: line, message: error.reason)
        }
    }

    /// A subject holds no control character, so its line's end is its own.
    private static func subject(at start: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        var end = start
        while end < bytes.count, bytes[end] != newline, bytes[end] != carriageReturn { end += 1 }
        return bytes[start..<end]
    }

    // MARK: The table

    /// The slot of a subject: its own, or the free one where it would be.
    private static func slot(of subject: some Sequence<UInt8>, in slots: [UInt32], _ bytes: [UInt8]) -> Int {
        // FNV-1a. Who writes the file trusts nobody else with it, so that no other hash is called for.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in subject { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 32
        // Ids that are counted up would lie side by side otherwise.
        hash &*= 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        var slot = Int(truncatingIfNeeded: hash & UInt64(slots.count - 1))
        while slots[slot] > 0, !isSubject(subject, at: Int(slots[slot]) - 1, in: bytes) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private static func isSubject(_ subject: some Sequence<UInt8>, at start: Int, in bytes: [UInt8]) -> Bool {
        var end = start
        for byte in subject {
            guard end < bytes.count, bytes[end] == byte else { return false }
            end += 1
        }
        return end == bytes.count || bytes[end] == newline || bytes[end] == carriageReturn
    }
}
