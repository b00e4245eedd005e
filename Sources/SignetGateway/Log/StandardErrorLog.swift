import SignetIdentity
import SignetJOSE
import SignetSystem

/// The log on standard error: one JSON object a line.
///
/// A thread writes the lines, so that no request waits for the reader. When too much is waiting, lines are dropped, and
/// the next line says how many.
public final class StandardErrorLog: GatewayLogging {
    private let buffer: LogBuffer

    /// Starts the log.
    ///
    /// - Parameter capacity: How many bytes may wait.
    public convenience init(capacity: Int = 1 << 20) {
        self.init(descriptor: STDERR_FILENO, capacity: capacity)
    }

    init(descriptor: Int32, capacity: Int) {
        buffer = LogBuffer(descriptor: descriptor, capacity: capacity)
        buffer.start()
    }

    deinit {
        buffer.stop()
    }

    /// Takes one line; never blocks and never fails.
    public func log(_ line: LogLine) {
        LogFormat.withBytes(of: line) { buffer.append($0) }
    }

    /// Returns when everything that was logged before is written, or after some time: the reader may not read.
    ///
    /// - Returns: Whether everything is written.
    @discardableResult
    public func flush(milliseconds: Int64 = 1000) -> Bool {
        buffer.flush(milliseconds: milliseconds)
    }
}

/// Lines that wait for the thread that writes them.
final class LogBuffer: @unchecked Sendable {
    // Unchecked: only the thread uses `writing`.
    private let descriptor: Int32
    private let capacity: Int
    private let state = ConditionLock(State())
    private var writing: [UInt8] = []

    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isWriting = false
        var isStopped = false
    }

    init(descriptor: Int32, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    /// Starts the thread, which keeps the buffer alive until ``stop()``.
    func start() {
        _ = JoinableThread { self.drain() }
    }

    /// The thread writes what waits, and ends.
    func stop() {
        state.withLock { $0.isStopped = true }
        state.signal()
    }

    /// Takes a line without its end, or counts it as dropped.
    func append(_ line: UnsafeRawBufferPointer) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count < capacity else {
                state.dropped += 1
                return false
            }
            let wasEmpty = state.waiting.isEmpty
            state.waiting.append(contentsOf: line)
            state.waiting.append(UInt8(ascii: "\n"))
            return wasEmpty && !state.isWriting
        }
        if isFirst { state.signal() }
    }

    /// Waits until nothing waits.
    func flush(milliseconds: Int64) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.waiting.isEmpty && !$0.isWriting ? true : nil } ?? false
    }

    // MARK: The thread

    private func drain() {
        // All signals are blocked here. Without SIGPIPE, a reader that has gone is an error of write.
        while takeWaiting() {
            let isWritten = write()
            let lines = isWritten ? 0 : writing.count { $0 == UInt8(ascii: "\n") }
            writing.removeAll(keepingCapacity: true)
            let isDone = state.withLock { state in
                state.isWriting = false
                state.dropped += lines
                return state.waiting.isEmpty
            }
            if isDone { state.signal() }
        }
    }

    /// Waits for lines and takes them all, with a line about dropped ones; false at the end.
    private func takeWaiting() -> Bool {
        state.wait { state in
            guard !state.waiting.isEmpty else { return state.isStopped ? false : nil }
            if state.dropped > 0 {
                let notice = LogLine(.warning, "log-dropped", [JSONMember("lines", .number(JSONNumber(state.dropped)))])
                LogFormat.withBytes(of: notice) { writing.append(contentsOf: $0) }
                writing.append(UInt8(ascii: "\n"))
                state.dropped = 0
            }
            // The notice comes first; without one, the two buffers change places and nothing is copied.
            if writing.isEmpty { swap(&state.waiting, &writing) } else { writing += state.waiting }
            state.waiting.removeAll(keepingCapacity: true)
            state.isWriting = true
            return true
        } ?? false
    }

    /// Writes all lines, or drops them when they cannot be written.
    private func write() -> Bool {
        writing.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Another process that shares the descriptor has made it non-blocking.
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
