import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// The end of the chain and the file it is written to. One thread at a time uses it: the one that has the turn in ``AuditQueue``.
final class AuditWriter: @unchecked Sendable {
    /// Where a chain has come to.
    struct Position: Sendable {
        var sequence: Int64
        var mac: [UInt8]
    }

    private let path: String
    private let key: HS256Key
    private let durability: AuditDurability
    private let system: AuditSystem
    private let chain: [UInt8]
    private(set) var position: Position
    /// Nil while the file is closed after a failure.
    private var descriptor: AuditDescriptor?
    /// Which file it was, and how much of an unfinished line stands at its end.
    private var left: (file: FileInformation, torn: Int64)
    /// The first line that stands in the file and was refused, because the disk did not confirm it.
    private var firstRefused: Int64?
    // Used again for every line, so that no line costs an allocation.
    private var buffer: [UInt8] = []
    private var scratch: [UInt8] = []

    init(
        _ descriptor: AuditDescriptor, path: String, key: HS256Key, durability: AuditDurability,
        system: AuditSystem,
        continuing head: AuditHead?
    ) throws(SignetError) {
        self.descriptor = descriptor
        self.path = path
        self.key = key
        self.durability = durability
        self.system = system
        left = (descriptor.information, 0)
        position = Position(sequence: head?.sequence ?? 0, mac: head.map { Array($0.mac.utf8) } ?? AuditLine.noPrevious)
        if let known = head?.chain { chain = Array(known.utf8) } else { chain = Array(try Self.newChain().utf8) }
        buffer.reserveCapacity(2048)
    }

    /// The end of the chain at a position, once there is a line.
    func head(at position: Position) -> AuditHead? {
        guard position.sequence > 0 else { return nil }
        return AuditHead(
            chain: String(decoding: chain, as: UTF8.self), sequence: position.sequence,
            mac: String(decoding: position.mac, as: UTF8.self))
    }

    // MARK: Lines

    /// Writes one line by one write(2).
    ///
    /// - Parameter members: The members between `seq` and `previous`, as an object.
    func append(_ members: UnsafeRawBufferPointer) throws(SignetError) {
        buffer.removeAll(keepingCapacity: true)
        var end = position
        try add(members, after: &end)
        try write()
        position = end
    }

    /// Writes lines by one write(2), and brings them to the disk where that was promised. All of them, or none is confirmed.
    func append(_ batch: [[UInt8]]) throws(SignetError) {
        buffer.removeAll(keepingCapacity: true)
        var end = position
        for members in batch {
            try members.withBytes { bytes throws(SignetError) in try add(bytes, after: &end) }
        }
        try write()
        let first = position.sequence + 1
        // The chain goes on from what stands in the file, confirmed or not.
        position = end
        guard durability == .machine else { return }
        do throws(SignetError) {
            try synchronise()
        } catch {
            firstRefused = firstRefused ?? first
            // The system forgets what it could not write: trying again on this descriptor would prove nothing.
            close()
            throw error
        }
    }

    /// Brings everything to the disk, at the end.
    func synchronise() throws(SignetError) {
        try descriptor?.synchronise()
    }

    private func write() throws(SignetError) {
        guard let descriptor else { throw SignetError(audit: "the audit file \(path) is not open") }
        try buffer.withBytes(descriptor.append)
    }

    /// Adds a line to the buffer.
    private func add(_ members: UnsafeRawBufferPointer, after end: inout Position) throws(SignetError) {
        let start = buffer.count
        buffer.append(contentsOf: AuditLine.start)
        buffer.append(contentsOf: chain)
        buffer.append(contentsOf: AuditLine.sequenceName)
        buffer.append(contentsOf: String(end.sequence + 1).utf8)
        buffer.append(UInt8(ascii: ","))
        buffer.append(contentsOf: members[1..<(members.count - 1)])
        buffer.append(contentsOf: AuditLine.previousName)
        buffer.append(contentsOf: end.mac)
        buffer.append(AuditLine.macName[0])
        guard let mac = AuditLine.code(of: buffer[start...], key: key, scratch: &scratch) else {
            throw SignetError(audit: "OpenSSL cannot compute the MAC of an audit line")
        }
        buffer.append(contentsOf: AuditLine.macName[1...])
        buffer.append(contentsOf: mac)
        buffer.append(contentsOf: AuditLine.end)
        buffer.append(UInt8(ascii: "\n"))
        end = Position(sequence: end.sequence + 1, mac: mac)
    }

    // MARK: The file

    /// Whether there is a file to write to.
    var isOpen: Bool { descriptor != nil }

    /// Whether the file that is written still stands under its name.
    private var isInPlace: Bool { descriptor?.isInPlace ?? false }

    /// Whether what is written into the file goes with the process: it was removed.
    var isNameless: Bool { descriptor?.isNameless ?? true }

    /// Goes on in a new file under the same name, after the one in use was moved away.
    ///
    /// - Returns: Whether there is a new file; false where the one in use still stands under its name.
    func rotate() throws(SignetError) -> Bool {
        guard !isInPlace else { return false }
        let new = try AuditDescriptor(path: path, system: system)
        guard try new.size() == 0 else {
            throw SignetError(
                audit:
                    "another file \(path) exists, so lines are still written to the one that was moved away",
                hint: "move it away as well, and send the signal again")
        }
        use(new)
        return true
    }

    /// Makes the file fit for use after a failure, and writes a line that says so.
    ///
    /// - Returns: The lines before it that stand in the file and were refused, and whether it is another file.
    func recover() throws(SignetError) -> (refused: ClosedRange<Int64>?, isNewFile: Bool) {
        var isNewFile = false
        if !isInPlace {
            try? descriptor?.removeTorn()
            close()
            isNewFile = try open()
        }
        try descriptor?.proveRoom()
        let refused = firstRefused.map { $0...position.sequence }
        try append([Self.resumed(refused)])
        firstRefused = nil
        return (refused, isNewFile)
    }

    private func close() {
        if let descriptor { left = (descriptor.information, descriptor.torn) }
        descriptor = nil
    }

    /// Opens the file again, or a new one that has taken its place; whether it is a new one.
    private func open() throws(SignetError) -> Bool {
        let new = try AuditDescriptor(path: path, system: system)
        let isNew = !new.information.isSameFile(as: left.file)
        if !isNew {
            new.torn = left.torn
            try new.removeTorn()
        }
        let tail = try AuditTail(of: new, path: path, key: key)
        // Empty is a file that is new, or whose lines were copied away.
        guard tail.end == 0 || tail.torn == 0 && tail.head == head(at: position) else {
            throw SignetError(
                audit:
                    "the audit file \(path) does not end with the line that was written last",
                hint: "move it away: the chain continues in a new file")
        }
        use(new)
        return isNew
    }

    private func use(_ new: AuditDescriptor) {
        descriptor = new
        left = (new.information, 0)
    }

    /// The members of the line after a failure.
    private static func resumed(_ refused: ClosedRange<Int64>?) -> [UInt8] {
        var json: [JSONMember] = [
            JSONMember("time", .string(NumericDate.now.rfc3339)), JSONMember("event", "resumed"),
        ]
        if let refused {
            json += [
                JSONMember("refusedFrom", .number(JSONNumber(refused.lowerBound))),
                JSONMember("refusedTo", .number(JSONNumber(refused.upperBound))),
            ]
        }
        return JSONWriter.bytes(of: .object(json))
    }

    private static func newChain() throws(SignetError) -> String {
        do throws(SignetError) {
            let random = try HS256Key.randomSecret()
            return random.withUnsafeBytes { Hexadecimal.encode($0[..<(AuditLine.chainDigits / 2)]) }
        } catch {
            throw SignetError(audit: error.reason)
        }
    }
}
