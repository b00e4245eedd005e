import COpenSSL
import SignetSystem
import Synchronization

/// The OpenSSL contexts of one key, kept between operations without a lock.
///
/// A thread takes the context out of its slot by an atomic exchange, and makes a new one if the slot is empty. So two threads
/// never use one context at the same time. The contexts are freed with the pool.
package final class ContextPool: @unchecked Sendable {
    // Unchecked: the slots are atomics, and their memory is allocated and freed with the pool.
    private struct Slot: ~Copyable {
        let context = Atomic<OpaquePointer?>(nil)
        // 56 bytes of padding, so that no two contexts share a cache line.
        let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    }

    private static let slotBits = 4
    private static let slotCount = 1 << slotBits
    private let slots: UnsafeMutablePointer<Slot>
    private let make: @Sendable () -> OpaquePointer?
    private let free: @Sendable (OpaquePointer) -> Void

    package init(make: @escaping @Sendable () -> OpaquePointer?, free: @escaping @Sendable (OpaquePointer) -> Void) {
        self.make = make
        self.free = free
        slots = .allocate(capacity: Self.slotCount)
        for index in 0..<Self.slotCount { (slots + index).initialize(to: Slot()) }
    }

    deinit {
        for index in 0..<Self.slotCount {
            if let context = slots[index].context.exchange(nil, ordering: .acquiring) { free(context) }
        }
        slots.deinitialize(count: Self.slotCount)
        slots.deallocate()
    }

    /// Calls `body` with a context, and keeps the context for the next call if `body` returns true.
    package func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        let slot = ThreadIdentity.slot(bits: Self.slotBits)
        guard let context = slots[slot].context.exchange(nil, ordering: .acquiring) ?? make() else {
            ERR_clear_error()
            return false
        }
        guard body(context) else {
            free(context)
            ERR_clear_error()
            return false
        }
        if let surplus = slots[slot].context.exchange(context, ordering: .acquiringAndReleasing) { free(surplus) }
        return true
    }
}
