/// Spreads threads over a few slots, for values that each thread should mostly have to itself.
package enum ThreadIdentity {
    /// A slot from 0 to 2^`bits` - 1, the same for every call on one thread. Several threads can have one slot.
    package static func slot(bits: Int) -> Int {
        let thread = UInt(pthread_self())
        // Fibonacci hashing: thread identities are addresses that differ in their middle bits.
        return Int((thread &* 0x9E37_79B9_7F4A_7C15) >> UInt(UInt.bitWidth - bits))
    }
}
