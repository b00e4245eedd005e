import SignetJOSE
import SignetSystem
import Synchronization

/// Counts the clients, in all and from each address, and holds them to the limits.
final class ClientLimiter: Sendable {
    private let counters: ServerCounters
    private let addresses = Lock<[AddressKey: Int]>([:])
    private let signalsRelease = Atomic<Bool>(false)
    /// Wakes the accepting thread.
    let wakeEvent: WakeEvent

    init(counters: ServerCounters) throws(SignetError) {
        self.counters = counters
        wakeEvent = try WakeEvent()
    }

    var count: Int { counters.open.load(ordering: .relaxed) }

    /// Counts a new client; false if its address is at the limit.
    func admit(_ address: AddressKey?, limit: Int) -> Bool {
        if let address {
            let isAdmitted = addresses.withLock { addresses in
                let count = addresses[address, default: 0]
                if count < limit { addresses[address] = count + 1 }
                return count < limit
            }
            guard isAdmitted else { return false }
        }
        counters.open.count()
        counters.accepted.count()
        return true
    }

    /// Stops counting a client, whose socket is closed.
    func release(_ address: AddressKey?) {
        if let address {
            addresses.withLock { addresses in
                let count = addresses[address, default: 1] - 1
                addresses[address] = count == 0 ? nil : count
            }
        }
        counters.open.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        if signalsRelease.load(ordering: .sequentiallyConsistent) { wakeEvent.signal() }
    }

    /// Whether ``release(_:)`` signals the wake event.
    func signalRelease(_ signals: Bool) {
        signalsRelease.store(signals, ordering: .sequentiallyConsistent)
    }
}
