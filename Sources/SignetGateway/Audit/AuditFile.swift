import SignetIdentity
import SignetJOSE
import Synchronization

/// The audit in a file: one JSON line per signed identity, chained by HMAC (docs/audit.md).
///
/// Lines of all threads form one chain. It is carried on across restarts, and across files by ``reopen()``.
public final class AuditFile: AuditRecording {
    /// What a recorded line survives.
    public enum Durability: String, Sendable, CaseIterable {
        /// The end of the process, killed or not: the kernel has the line. A lost machine may lose the last seconds.
        case process
        /// The loss of the machine as well: the disk has said that it has the line. Threads share one wait.
        case machine
    }

    /// The file as it was named.
    public let path: String
    /// How many bytes of a line that was never finished were cut off at the opening; 0 as a rule. Nothing was answered on
    /// the strength of that line.
    public let repairedBytes: Int

    private let key: HS256Key
    private let durability: Durability
    private let system: AuditSystem
    private let writer: Lock<AuditWriter>
    // Always taken before the writer's lock, never after it.
    private let disk = Lock(Disk())

    /// How far the file is on the disk.
    private struct Disk {
        var reached: Int64 = 0
        var failed: Int64 = 0
    }

    /// Opens the file, makes it with mode 0600 where there is none, and locks it against other processes.
    ///
    /// - Throws: ``AuditError`` when it cannot be written, when another process has it, and when its last line was not
    ///   written with this key.
    public convenience init(path: String, key: HS256Key, durability: Durability = .process) throws(AuditError) {
        try self.init(path: path, key: key, durability: durability, system: AuditSystem())
    }

    init(path: String, key: HS256Key, durability: Durability, system: AuditSystem) throws(AuditError) {
        self.path = path
        self.key = key
        self.durability = durability
        self.system = system
        let descriptor = try AuditDescriptor(path: path, system: system)
        let tail = try AuditTail(of: descriptor, path: path, key: key)
        if tail.torn > 0 { try descriptor.cut(to: tail.end) }
        repairedBytes = tail.torn
        writer = Lock(try AuditWriter(descriptor, key: key, continuing: tail.head))
    }

    /// Appends a line by one write(2), and returns once it is where ``Durability`` says.
    public func record(_ entry: AuditEntry) throws(AuditError) {
        let number = try JSONWriter.withBytes(
            writing: { Self.write(entry, to: &$0) },
            use: { members throws(AuditError) in
                try writer.withLock { writer throws(AuditError) in try writer.append(members) }
            })
        if durability == .machine { try waitForDisk(number) }
    }

    /// The last line that was written; nil before the first. Logged now and then, it proves later that nothing was cut off.
    public var head: AuditHead? {
        writer.withLock { $0.head }
    }

    /// Whether the file that is written still stands under its name. Once it was moved or removed, lines go on into it until
    /// ``reopen()``.
    public var isInPlace: Bool {
        writer.withLock { $0.descriptor.isInPlace }
    }

    /// Goes on in a new file under the same name, after the one in use was moved away: the chain is carried on.
    ///
    /// - Returns: Whether there is a new file; false where the one in use still stands under its name.
    /// - Throws: ``AuditError``; lines then go on into the file in use, and nowhere if that one was removed: they are refused
    ///   until this has worked.
    @discardableResult
    public func reopen() throws(AuditError) -> Bool {
        do throws(AuditError) {
            return try move()
        } catch {
            writer.withLock { $0.isLost = $0.descriptor.isNameless }
            throw error
        }
    }

    private func move() throws(AuditError) -> Bool {
        try disk.withLock { disk throws(AuditError) in
            try writer.withLock { writer throws(AuditError) in
                guard !writer.descriptor.isInPlace else { return false }
                let descriptor = try AuditDescriptor(path: path, system: system)
                guard try descriptor.size() == 0 else {
                    throw AuditError(
                        "there is another file \(path) already, and lines go on into the one that was moved away",
                        hint: "move it away as well, and send the signal again")
                }
                // Those who wait for lines in the old file find them there.
                try writer.descriptor.synchronise()
                disk.reached = writer.sequence
                writer.move(to: descriptor)
                return true
            }
        }
    }

    /// Returns once the line is on the disk. Whoever comes first waits for all lines so far; the others find theirs done.
    private func waitForDisk(_ number: Int64) throws(AuditError) {
        try disk.withLock { disk throws(AuditError) in
            let (descriptor, written) = writer.withLock { ($0.descriptor, $0.sequence) }
            // After a failure the system forgets what it could not write, so trying again would prove nothing.
            guard number > disk.failed else {
                throw AuditError("the audit file \(path) could not be brought to the disk")
            }
            guard number > disk.reached else { return }
            do throws(AuditError) {
                try descriptor.synchronise()
                disk.reached = written
            } catch {
                disk.failed = written
                throw error
            }
        }
    }

    private static func write(_ entry: AuditEntry, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("time")
        writer.string(entry.time.rfc3339)
        writer.name("requestId")
        writer.string(entry.requestID)
        writer.name("caller")
        writer.string(entry.caller)
        writer.name("right")
        writer.string(entry.right.rawValue)
        writer.name("route")
        writer.string(entry.route)
        writer.name("vendor")
        writer.string(entry.vendor)
        writer.name("connection")
        writer.string(entry.connection)
        writer.name("key")
        writer.string(entry.key)
        writer.name("subjectTag")
        if let tag = entry.subjectTag { writer.string(tag) } else { writer.null() }
        writer.name("expiresAt")
        if let end = entry.expiresAt { writer.string(end.rfc3339) } else { writer.null() }
        if let decision = entry.decision {
            writer.name("decision")
            writer.beginObject()
            writer.name("side")
            writer.string(decision.side)
            writer.name("reason")
            writer.string(decision.reason)
            writer.endObject()
        }
        writer.endObject()
    }
}
