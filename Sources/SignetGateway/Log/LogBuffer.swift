import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lines that wait for the thread that writes them.
final class LogBuffer: @unchecked Sendable {
    // Unchecked: everything below `mutex` is touched only while it is held, but for `writing`, which is the thread's.
    private let descriptor: Int32
    private let capacity: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    /// Something waits, or the end has come.
    private let filled: UnsafeMutablePointer<pthread_cond_t>
    /// Nothing waits and nothing is being written.
    private let emptied: UnsafeMutablePointer<pthread_cond_t>
    private var waiting: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var isStopped = false
    private var writing: [UInt8] = []

    init(descriptor: Int32, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        filled = .allocate(capacity: 1)
        filled.initialize(to: pthread_cond_t())
        pthread_cond_init(filled, nil)
        emptied = .allocate(capacity: 1)
        emptied.initialize(to: pthread_cond_t())
        pthread_cond_init(emptied, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_cond_destroy(emptied)
        pthread_mutex_destroy(mutex)
        filled.deallocate()
        emptied.deallocate()
        mutex.deallocate()
    }

    /// Starts the thread, which keeps the buffer alive until ``stop()``.
    func start() {
        _ = JoinableThread { self.drain() }
    }

    /// Has the thread write what waits, and end.
    func stop() {
        locked {
            isStopped = true
            pthread_cond_signal(filled)
        }
    }

    /// Takes a line without its end, or counts it where there is no room.
    func append(_ line: UnsafeRawBufferPointer) {
        locked {
            guard waiting.count + line.count < capacity else {
                dropped += 1
                return
            }
            let wasEmpty = waiting.isEmpty
            waiting.append(contentsOf: line)
            waiting.append(UInt8(ascii: "\n"))
            if wasEmpty && !isWriting { pthread_cond_signal(filled) }
        }
    }

    /// Waits until nothing waits.
    func flush(milliseconds: Int64) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        let nanoseconds = Int64(deadline.tv_nsec) + (milliseconds % 1000) * 1_000_000
        deadline.tv_sec += time_t(milliseconds / 1000 + nanoseconds / 1_000_000_000)
        deadline.tv_nsec = Int(nanoseconds % 1_000_000_000)
        return locked {
            while !waiting.isEmpty || isWriting {
                guard pthread_cond_timedwait(emptied, mutex, &deadline) == 0 else { return false }
            }
            return true
        }
    }

    // MARK: The thread

    private func drain() {
        // SIGPIPE is blocked here as all signals are: a reader that has gone is an error of write.
        while takeWaiting() {
            let isWritten = write()
            let lines = isWritten ? 0 : writing.count { $0 == UInt8(ascii: "\n") }
            writing.removeAll(keepingCapacity: true)
            locked {
                isWriting = false
                dropped += lines
                if waiting.isEmpty { pthread_cond_broadcast(emptied) }
            }
        }
    }

    /// Waits for lines and takes them all, with a word about those that were dropped; false at the end.
    private func takeWaiting() -> Bool {
        locked {
            while waiting.isEmpty && !isStopped { pthread_cond_wait(filled, mutex) }
            guard !waiting.isEmpty else { return false }
            if dropped > 0 {
                let notice = LogLine(.warning, "log-dropped", [JSONMember("lines", .number(JSONNumber(dropped)))])
                LogFormat.withBytes(of: notice) { writing.append(contentsOf: $0) }
                writing.append(UInt8(ascii: "\n"))
                dropped = 0
            }
            // The notice comes first; without one, the two buffers change places and nothing is copied.
            if writing.isEmpty { swap(&waiting, &writing) } else { writing += waiting }
            waiting.removeAll(keepingCapacity: true)
            isWriting = true
            return true
        }
    }

    /// Writes all lines, or gives them up when nobody can read them any more.
    private func write() -> Bool {
        writing.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = FileWriting.writeSome(descriptor, UnsafeRawBufferPointer(rebasing: rest))
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

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
