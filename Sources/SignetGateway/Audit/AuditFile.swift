import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// The audit in a file: one JSON line per signed identity, chained by HMAC (docs/audit.md).
///
/// Lines of all threads form one chain. It is carried on across restarts, across files, and after failures of the disk. A thread of the
/// file's own writes what has to wait, looks every second whether the file stands in its place, and recovers after a failure.
public final class AuditFile: AuditRecording {
    /// What happened to the file, for a log.
    public enum Event: Sendable {
        /// Nothing can be recorded until ``resumed(refused:)``.
        case failed(SignetError)
        /// Lines can be recorded again. Those in the range stand in the file and were refused: the disk had not confirmed them.
        case resumed(refused: ClosedRange<Int64>?)
        /// The chain goes on in a new file, or in the same one where it still stands under its name.
        case reopened(AuditHead?, isAsked: Bool)
        /// It could not be carried on in a new file. Lines go on into the file in use; where that one was removed, ``failed(_:)`` follows.
        case reopenFailed(SignetError, isAsked: Bool)
    }

    /// How many lines at most wait for the disk together.
    package static let batchLimit = 1_024

    /// The file as it was named.
    public let path: String
    /// How many bytes of a line that was never finished were cut off at the opening; 0 as a rule. Nothing was answered on
    /// the strength of that line.
    public let repairedBytes: Int

    private let queue: AuditQueue
    private let thread: JoinableThread

    /// Opens the file, makes it with mode 0600 where there is none, and locks it against other processes.
    ///
    /// - Parameter onEvent: Told on the thread on which it happens, and must not wait.
    /// - Throws: ``SignetError`` when it cannot be written, when another process has it, and when its last line was not
    ///   written with this key.
    public convenience init(
        path: String, key: HS256Key, durability: AuditDurability = .process,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(SignetError) {
        try self.init(path: path, key: key, durability: durability, system: AuditSystem(), onEvent: onEvent)
    }

    init(
        path: String, key: HS256Key, durability: AuditDurability, system: AuditSystem,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(SignetError) {
        self.path = path
        let descriptor = try AuditDescriptor(path: path, system: system)
        let tail = try AuditTail(of: descriptor, path: path, key: key)
        if tail.torn > 0 { try descriptor.cut(to: tail.end) }
        repairedBytes = tail.torn
        let writer = try AuditWriter(
            descriptor, path: path, key: key, durability: durability, system: system, continuing: tail.head)
        let queue = AuditQueue(writer, durability: durability, system: system, onEvent: onEvent)
        guard let thread = JoinableThread({ queue.run() }) else {
            throw SignetError(audit: "the audit's thread cannot be started")
        }
        self.queue = queue
        self.thread = thread
    }

    deinit {
        queue.stop()
        thread.join()
    }

    /// Appends a line by one write(2), unless that would mean waiting: for the disk, for other lines, or because the last write was slow.
    public func recordAtOnce(_ entry: AuditEntry) throws(SignetError) -> Bool {
        try JSONWriter.withBytes(
            writing: { Self.write(entry, to: &$0) },
            use: { members throws(SignetError) in
                try Self.checkLength(members.count)
                return try queue.appendAtOnce(members)
            })
    }

    /// Appends a line together with all others that wait, and returns once it is where ``AuditDurability`` says.
    public func record(_ entry: AuditEntry) async throws(SignetError) {
        let members = JSONWriter.withBytes(writing: { Self.write(entry, to: &$0) }, use: { Array($0) })
        try Self.checkLength(members.count)
        let error = await withCheckedContinuation { queue.add(members, $0) }
        if let error { throw error }
    }

    /// The last line that was written; nil before the first. Logged now and then, it proves later that nothing was cut off.
    public var head: AuditHead? { queue.head }

    /// Since when nothing can be recorded; nil while the audit works.
    package var failedSince: MonotonicTime? { queue.failedSince }

    /// How many lines wait for the file's thread.
    var waitingCount: Int { queue.waitingCount }

    /// Has the file's thread go on in a new file under the same name, between two batches, after the one in use was moved away. It
    /// tells by an ``Event`` how that went.
    public func reopen() {
        queue.reopen()
    }

    /// Writes what waits, brings it to the disk, and records nothing any more.
    ///
    /// - Returns: Whether that was done in time.
    @discardableResult
    public func close(withinMilliseconds limit: Int64) -> Bool {
        queue.stop()
        return queue.waitForEnd(milliseconds: limit)
    }

    private static func checkLength(_ count: Int) throws(SignetError) {
        guard count <= AuditLine.maximumMembersLength else {
            throw SignetError(audit: "an audit line would be longer than \(AuditLine.maximumLength) bytes")
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
