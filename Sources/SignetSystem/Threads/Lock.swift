/// A value that only one thread at a time can access.
///
/// It uses pthread_mutex_t, because ThreadSanitizer on Linux reports false races for `Synchronization.Mutex`.
package final class Lock<Value>: @unchecked Sendable {
    // Unchecked: the value is accessed only while the mutex is held. Behind a pointer, because the runtime checks each access to
    // a class's variable for exclusivity.
    fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>
    fileprivate let value: UnsafeMutablePointer<Value>

    package init(_ value: sending Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` with exclusive access to the value.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}

/// A value that only one thread at a time can access, and whose changes a thread can wait for.
package final class ConditionLock<Value>: @unchecked Sendable {
    // Unchecked: the value is accessed only while the lock's mutex is held.
    private let lock: Lock<Value>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init(_ value: sending Value) {
        lock = Lock(value)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Runs `body` with exclusive access to the value.
    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock.withLock(body)
    }

    /// Makes every waiting thread check the value again.
    package func signal() {
        pthread_cond_broadcast(condition)
    }

    /// Runs `body` at once and after each ``signal()``, until it returns a value.
    ///
    /// - Returns: The value, or nil when the time is over.
    package func wait<Result>(milliseconds: Int64? = nil, for body: (inout Value) -> Result?) -> Result? {
        var end = timespec()
        if let milliseconds {
            clock_gettime(CLOCK_MONOTONIC, &end)
            let nanoseconds = Int64(end.tv_nsec) + (milliseconds % 1000) * 1_000_000
            end.tv_sec += time_t(milliseconds / 1000 + nanoseconds / 1_000_000_000)
            end.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        pthread_mutex_lock(lock.mutex)
        defer { pthread_mutex_unlock(lock.mutex) }
        while true {
            // The value is read anew each time: other threads change it while this one waits.
            if let result = body(&lock.value.pointee) { return result }
            if milliseconds == nil {
                pthread_cond_wait(condition, lock.mutex)
            } else if pthread_cond_timedwait(condition, lock.mutex, &end) == ETIMEDOUT {
                return body(&lock.value.pointee)
            }
        }
    }
}
