import SignetJOSE
import SignetSystem
import Synchronization

/// What connections from one client count for: an IPv4 address, or the first half of an IPv6 address, which one client has whole.
struct AddressKey: Sendable, Hashable {
    let high: UInt64
    let low: UInt64
}

/// How many connections there are, in all and from each address.
final class Admission: Sendable {
    private let counters: ServerCounters
    private let addresses = Lock<[AddressKey: Int]>([:])
    private let isWaiting = Atomic<Bool>(false)
    /// Wakes the thread that accepts.
    let bell: Bell

    init(counters: ServerCounters) throws(SignetError) {
        self.counters = counters
        bell = try Bell()
    }

    var count: Int { counters.open.load(ordering: .relaxed) }

    /// Counts a new connection; false where its address has as many as it may.
    func admit(_ address: AddressKey?, limit: Int) -> Bool {
        if let address {
            let isIn = addresses.withLock { addresses in
                let count = addresses[address, default: 0]
                if count < limit { addresses[address] = count + 1 }
                return count < limit
            }
            guard isIn else { return false }
        }
        counters.open.count()
        counters.accepted.count()
        return true
    }

    /// A connection is closed.
    func release(_ address: AddressKey?) {
        if let address {
            addresses.withLock { addresses in
                let count = addresses[address, default: 1] - 1
                addresses[address] = count == 0 ? nil : count
            }
        }
        counters.open.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if isWaiting.load(ordering: .sequentiallyConsistent) { bell.ring() }
    }

    /// Whether ``release(_:)`` is to ring.
    func wait(_ waits: Bool) {
        isWaiting.store(waits, ordering: .sequentiallyConsistent)
    }
}
