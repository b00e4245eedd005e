/// A thread for work that blocks. Swift's tasks share a few threads, which must not block.
package final class JoinableThread: @unchecked Sendable {
    // Unchecked: the handle is written once, and read only to join.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()
    /// Whether there is nothing left to join: the thread was joined, or never started.
    private let isJoined = Lock(false)

    /// Runs `body` on a new thread, which receives no signals; nil if the system cannot create a thread.
    package init?(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        var all = sigset_t()
        var former = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        guard pthread_create(&thread, nil, threadMain, box.toOpaque()) == 0 else {
            box.release()
            isJoined.withLock { $0 = true }
            return nil
        }
    }

    /// Detaches a thread that was not joined, so that the system frees its resources when it ends.
    deinit {
        isJoined.withLock { isJoined in
            guard !isJoined else { return }
            pthread_detach(thread)
        }
    }

    /// Waits for the thread to end. Several threads can call this.
    package func join() {
        isJoined.withLock { isJoined in
            guard !isJoined else { return }
            isJoined = true
            pthread_join(thread, nil)
        }
    }

    fileprivate static func run(_ context: UnsafeMutableRawPointer) {
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { JoinableThread.run(context) }
    return nil
}
