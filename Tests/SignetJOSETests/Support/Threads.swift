import Foundation
import Synchronization

/// Runs `body` on `count` threads of their own at the same time, and counts how often it says no.
func failures(onThreads count: Int, _ body: @escaping @Sendable (Int) -> Bool) -> Int {
    let failures = Atomic<Int>(0)
    withoutActuallyEscaping({ (index: Int) in if !body(index) { failures.add(1, ordering: .relaxed) } }) { work in
        nonisolated(unsafe) let work = work
        let finished = DispatchGroup()
        for index in 0..<count {
            finished.enter()
            Thread.detachNewThread {
                work(index)
                finished.leave()
            }
        }
        finished.wait()
    }
    return failures.load(ordering: .relaxed)
}
