import SignetIdentity
import SignetJOSE

/// The end of the chain and the file it is written to. Whoever calls it holds the lock.
final class AuditWriter {
    private(set) var descriptor: AuditDescriptor
    /// Whether the file was removed and there is no other yet.
    var isLost = false
    private let key: HS256Key
    private(set) var sequence: Int64
    private let chain: [UInt8]
    private var previous: [UInt8]
    // Used again for every line, so that the lock is held for no allocation.
    private var buffer: [UInt8] = []

    init(_ descriptor: AuditDescriptor, key: HS256Key, continuing head: AuditHead?) throws(AuditError) {
        self.descriptor = descriptor
        self.key = key
        sequence = head?.sequence ?? 0
        previous = head.map { Array($0.mac.utf8) } ?? AuditLine.noPrevious
        if let known = head?.chain { chain = Array(known.utf8) } else { chain = Array(try Self.newChain().utf8) }
        buffer.reserveCapacity(2048)
    }

    /// The last line, if there is one.
    var head: AuditHead? {
        guard sequence > 0 else { return nil }
        return AuditHead(
            chain: String(decoding: chain, as: UTF8.self), sequence: sequence,
            mac: String(decoding: previous, as: UTF8.self))
    }

    /// Writes a line.
    ///
    /// - Parameter members: The members between `seq` and `previous`, as an object.
    /// - Returns: The line's number.
    func append(_ members: UnsafeRawBufferPointer) throws(AuditError) -> Int64 {
        guard !isLost else { throw AuditError("the audit file was removed, and no other can be made in its place") }
        let next = sequence + 1
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: AuditLine.domain)
        buffer.append(contentsOf: AuditLine.start)
        buffer.append(contentsOf: chain)
        buffer.append(contentsOf: AuditLine.sequenceName)
        appendDigits(of: next)
        buffer.append(UInt8(ascii: ","))
        buffer.append(contentsOf: members[1..<(members.count - 1)])
        buffer.append(contentsOf: AuditLine.previousName)
        buffer.append(contentsOf: previous)
        buffer.append(AuditLine.macName[0])
        guard let mac = AuditLine.code(of: buffer, key: key) else {
            throw AuditError("OpenSSL cannot compute the MAC of an audit line")
        }
        buffer.append(contentsOf: AuditLine.macName[1...])
        buffer.append(contentsOf: mac)
        buffer.append(contentsOf: AuditLine.end)
        buffer.append(UInt8(ascii: "\n"))
        guard buffer.count - AuditLine.domain.count - 1 <= AuditLine.maximumLength else {
            throw AuditError("an audit line would be longer than \(AuditLine.maximumLength) bytes")
        }
        let outcome = buffer.withUnsafeBytes { bytes in
            Result { () throws(AuditError) in
                try descriptor.append(UnsafeRawBufferPointer(rebasing: bytes[AuditLine.domain.count...]))
            }
        }
        // The chain goes on only from a line that stands in the file.
        try outcome.get()
        sequence = next
        previous = mac
        return next
    }

    /// Goes on in another file.
    func move(to descriptor: AuditDescriptor) {
        self.descriptor = descriptor
        isLost = false
    }

    private func appendDigits(of value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            buffer.append(contentsOf: digits[first...])
        }
    }

    private static func newChain() throws(AuditError) -> String {
        do throws(KeyError) {
            let random = try HS256Key.randomSecret()
            return random.withUnsafeBytes { Hexadecimal.encode($0[..<(AuditLine.chainDigits / 2)]) }
        } catch {
            throw AuditError(error.reason)
        }
    }
}
