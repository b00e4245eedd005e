import Foundation
import Synchronization

/// Runs `body` on `count` threads of their own at the same time, and counts how often it says no.
///
/// The threads are joined, so whatever they held has been let go when this returns.
func failures(onThreads count: Int, _ body: @escaping @Sendable (Int) -> Bool) -> Int {
    let failures = Counter()
    let threads = (0..<count).map { index in
        let work = Work { if !body(index) { failures.value.add(1, ordering: .relaxed) } }
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let started = pthread_create(&thread, nil, run, Unmanaged.passRetained(work).toOpaque())
        precondition(started == 0, "no thread to be had")
        return thread
    }
    for thread in threads {
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
    }
    return failures.value.load(ordering: .relaxed)
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

#if canImport(Darwin)
    private func run(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
        return nil
    }
#else
    private func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let work else { return nil }
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
        return nil
    }
#endif
