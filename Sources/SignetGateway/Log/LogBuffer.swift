import SignetJOSE
import SignetSystem

/// Lines that wait for the thread that writes them.
final class LogBuffer: @unchecked Sendable {
    // Unchecked for `writing`, which is the thread's.
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

    /// Has the thread write what waits, and end.
    func stop() {
        state.withLock { $0.isStopped = true }
        state.signal()
    }

    /// Takes a line without its end, or counts it where there is no room.
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
        // SIGPIPE is blocked here as all signals are: a reader that has gone is an error of write.
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

    /// Waits for lines and takes them all, with a word about those that were dropped; false at the end.
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

    /// Writes all lines, or gives them up when nobody can read them any more.
    private func write() -> Bool {
        writing.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Somebody who shares this end has made it non-blocking.
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
