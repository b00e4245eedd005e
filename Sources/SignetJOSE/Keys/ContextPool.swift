import COpenSSL
import SignetSystem
import Synchronization

/// OpenSSL contexts of one key, kept between operations without a lock.
///
/// A thread takes the context in the slot its identity hashes to by an atomic exchange, and makes one when the slot is
/// empty; nothing is shared while it is in use. Contexts die with the key.
package final class ContextPool: @unchecked Sendable {
    // Unchecked: the slots are atomics, and the memory they lie in is allocated and freed with the pool.
    private struct Slot: ~Copyable {
        let context = Atomic<OpaquePointer?>(nil)
        // Neighbours on one cache line would slow each other down: 8 bytes of context, 56 of distance.
        let distance: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0)
    }

    private static let slotCount = 16
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

    /// Lends a context; it goes back to its slot only when `body` says that it worked.
    package func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        let slot = Self.slotOfThread
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

    private static var slotOfThread: Int {
        #if canImport(Darwin)
            let thread = UInt(bitPattern: pthread_self())
        #else
            let thread = UInt(pthread_self())
        #endif
        // Fibonacci hashing: thread identities are addresses that differ in their middle bits.
        return Int((thread &* 0x9E37_79B9_7F4A_7C15) >> 60)
    }
}
