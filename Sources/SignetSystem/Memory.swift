/// Work with secret memory.
package enum Memory {
    /// Overwrites memory in a way that no optimiser removes.
    package static func cleanse(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        #if canImport(Darwin)
            memset_s(base, bytes.count, 0, bytes.count)
        #else
            explicit_bzero(base, bytes.count)
        #endif
    }
}
