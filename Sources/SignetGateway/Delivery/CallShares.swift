import SignetJOSE
import SignetSystem

/// How many outgoing calls each connection has under way. A slow vendor uses up its own share only.
package final class CallShares: Sendable {
    private let calls = Lock<[String: Int]>([:])

    package init() {}

    /// How many calls of a connection are under way.
    package func inUse(by connection: String) -> Int {
        calls.withLock { $0[connection] ?? 0 }
    }

    /// Takes a place; false when the share is full.
    package func take(for connection: String, of limit: Int) -> Bool {
        calls.withLock { calls in
            let count = calls[connection] ?? 0
            guard count < limit else { return false }
            calls[connection] = count + 1
            return true
        }
    }

    /// Gives a place back.
    package func release(for connection: String) {
        calls.withLock { calls in
            let count = (calls[connection] ?? 0) - 1
            calls[connection] = count > 0 ? count : nil
        }
    }
}
