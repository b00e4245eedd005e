import SignetIdentity
import SignetJOSE
import SignetSystem

/// A file of subjects, one on each line, in UTF-8. Empty lines are skipped. Everything else counts to the byte.
///
/// There may be millions, in a gateway that reads them while it serves. So the bytes of the file are kept as they are, with
/// the start of each subject, sorted: four bytes more for each.
package final class PinList: Sendable, Equatable {
    package static func == (left: PinList, right: PinList) -> Bool {
        left === right || left.bytes == right.bytes
    }

    /// Why a file is not a list of subjects.
    package struct Fault: Error {
        package let line: Int
        package let message: String
        package var hint = "one subject a line, in UTF-8"
    }

    /// The file, with a line feed after its last line.
    private let bytes: [UInt8]
    /// Where each different subject starts, in the order of their bytes.
    private let starts: [UInt32]

    package init(_ bytes: consuming [UInt8]) throws(Fault) {
        if bytes.last != Self.newline { bytes.append(Self.newline) }
        var starts = try Self.starts(in: bytes)
        starts.sort { left, right in
            let order = Self.order(bytes, Int(left), bytes, Int(right))
            return order < 0 || order == 0 && left < right
        }
        var count = 0
        for start in starts where count == 0 || Self.order(bytes, Int(starts[count - 1]), bytes, Int(start)) != 0 {
            starts[count] = start
            count += 1
        }
        starts.removeLast(starts.count - count)
        self.bytes = bytes
        self.starts = starts
    }

    /// How many different subjects there are.
    package var count: Int { starts.count }

    /// The line of a subject, from 1; nil where it is not in the list.
    package func line(of subject: String) -> Int? {
        place(of: subject).map(line(at:))
    }

    package func contains(_ subject: String) -> Bool {
        place(of: subject) != nil
    }

    /// How many subjects are in both lists, and the lines of the first.
    func overlap(with other: PinList) -> (count: Int, line: Int, otherLine: Int)? {
        var count = 0
        var first: (place: Int, other: Int)?
        for start in starts.map(Int.init) {
            guard let place = other.place(of: bytes, start) else { continue }
            count += 1
            if first.map({ start < $0.place }) ?? true { first = (start, place) }
        }
        return first.map { (count, line(at: $0.place), other.line(at: $0.other)) }
    }

    /// How many of some subjects are in the list, and the line of the first.
    func overlap(with subjects: Set<ByteString>) -> (count: Int, line: Int)? {
        let places = subjects.compactMap { place(of: $0.string) }
        return places.min().map { (places.count, line(at: $0)) }
    }

    // MARK: Search

    private func place(of subject: String) -> Int? {
        let text = Array(subject.utf8)
        return text.contains(where: Self.endsSubject) ? nil : place(of: text + [Self.newline], 0)
    }

    /// Where the subject that starts at a place in `text` starts in this list.
    private func place(of text: [UInt8], _ offset: Int) -> Int? {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            let order = Self.order(bytes, Int(starts[middle]), text, offset)
            if order == 0 { return Int(starts[middle]) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The order of two subjects by their bytes: negative, zero or positive.
    private static func order(_ left: [UInt8], _ leftStart: Int, _ right: [UInt8], _ rightStart: Int) -> Int {
        var (index, other) = (leftStart, rightStart)
        while left[index] == right[other], !endsSubject(left[index]) { (index, other) = (index + 1, other + 1) }
        let (byte, otherByte) = (left[index], right[other])
        return endsSubject(byte) && endsSubject(otherByte) ? 0 : Int(byte) - Int(otherByte)
    }

    private func line(at place: Int) -> Int {
        1 + bytes[..<place].count { $0 == Self.newline }
    }

    // MARK: Lines

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A subject holds no control character, so the first one is the end of its line.
    private static func endsSubject(_ byte: UInt8) -> Bool {
        byte < 0x20
    }

    private static func starts(in bytes: [UInt8]) throws(Fault) -> [UInt32] {
        guard !bytes.starts(with: byteOrderMark) else {
            throw Fault(
                line: 1, message: "it starts with a byte order mark, which would be part of the first subject",
                hint: "write the file as UTF-8 without one")
        }
        var starts: [UInt32] = []
        starts.reserveCapacity(bytes.count { $0 == newline })
        var (start, line) = (0, 0)
        while start < bytes.count {
            line += 1
            var end = start
            while bytes[end] != newline { end += 1 }
            var subject = bytes[start..<end]
            if subject.last == carriageReturn { subject.removeLast() }
            if !subject.isEmpty {
                try check(subject, line)
                starts.append(UInt32(start))
            }
            start = end + 1
        }
        return starts
    }

    /// A line that cannot be a subject would pin nobody.
    private static func check(_ bytes: ArraySlice<UInt8>, _ line: Int) throws(Fault) {
        // Nearly every line of millions is short printable ASCII.
        guard bytes.count > Customer.maximumSubjectLength || !bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) else { return }
        guard let subject = String(validating: bytes, as: UTF8.self) else {
            throw Fault(line: line, message: "it is not UTF-8")
        }
        do {
            _ = try Customer(subject: subject)
        } catch {
            throw Fault(line: line, message: error.reason)
        }
    }
}
