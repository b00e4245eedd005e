import SignetJOSE

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A thread for work that waits and blocks, which the threads of Swift's tasks are too few for.
final class JoinableThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t
    private let isJoined = Lock(false)

    /// Runs `body` on a thread of its own. Signals go to other threads.
    init(_ body: @escaping @Sendable () -> Void) throws(ServerError) {
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(Body(body))
        var all = sigset_t()
        var former = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &former)
        let code = unsafe pthread_create(
            &thread, nil, { context in unsafe JoinableThread.main(context) }, box.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
        guard code == 0 else {
            unsafe box.release()
            throw ServerError(.system, "no thread could be started: \(words(for: code))")
        }
        self.thread = thread
    }

    /// Waits for its end; whoever comes later waits as well.
    func join() {
        isJoined.withLock { isJoined in
            guard !isJoined else { return }
            pthread_join(thread, nil)
            isJoined = true
        }
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context = unsafe context { unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
}
