import SignetSystem
import Synchronization

/// Runs `body` on `count` threads at the same time, and counts how often it returns false.
///
/// The threads are joined, so everything that they held is released when this returns.
func failures(onThreads count: Int, _ body: @escaping @Sendable (Int) -> Bool) -> Int {
    let failures = Counter()
    let threads = (0..<count).map { index in
        JoinableThread { if !body(index) { failures.value.add(1, ordering: .relaxed) } }
    }
    precondition(!threads.contains { $0 == nil }, "the system cannot create a thread")
    for thread in threads { thread?.join() }
    return failures.value.load(ordering: .relaxed)
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}
