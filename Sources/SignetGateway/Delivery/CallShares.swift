import SignetJOSE
import SignetSystem

/// How many outgoing calls each connection has under way. A slow vendor uses up its own share, and no other's.
package final class CallShares: Sendable {
    private let calls = Lock<[String: Int]>([:])

    package init() {}

    /// How many calls of a connection are under way.
    package func inUse(by connection: String) -> Int {
        calls.withLock { $0[connection] ?? 0 }
    }

    fileprivate func take(for connection: String, of limit: Int) -> Bool {
        calls.withLock { calls in
            let count = calls[connection] ?? 0
            guard count < limit else { return false }
            calls[connection] = count + 1
            return true
        }
    }

    fileprivate func release(for connection: String) {
        calls.withLock { calls in
            let count = (calls[connection] ?? 0) - 1
            calls[connection] = count > 0 ? count : nil
        }
    }

    /// One request's place in the share of its connection: taken for a call, kept for the calls that follow it, so that no
    /// session is made and then left without its identity.
    final class Place: Sendable {
        private let shares: CallShares
        private let connection: String
        private let limit: Int
        private let isTaken = Lock(false)

        init(in shares: CallShares, for connection: String, limit: Int) {
            self.shares = shares
            self.connection = connection
            self.limit = limit
        }

        deinit {
            release()
        }

        /// Takes the place, unless it is taken. Returns false when the share is full.
        func take() -> Bool {
            isTaken.withLock { isTaken in
                if !isTaken { isTaken = shares.take(for: connection, of: limit) }
                return isTaken
            }
        }

        func release() {
            isTaken.withLock { isTaken in
                if isTaken { shares.release(for: connection) }
                isTaken = false
            }
        }
    }
}
