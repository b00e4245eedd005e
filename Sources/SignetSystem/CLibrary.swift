// The only file that imports the C library; every other file of Signet imports SignetSystem.
// CI compiles the branches for Linux. The branches for Darwin are written from the manual and not tested.
#if canImport(Darwin)
    @_exported import Darwin

    /// The type of a datagram socket.
    package let datagramSocket = SOCK_DGRAM
#else
    @_exported import Glibc

    /// The type of a datagram socket.
    package let datagramSocket = Int32(SOCK_DGRAM.rawValue)
#endif

// Methods of Signet are called `read` and `write` too, so the C functions get names of their own.

/// read(2).
package func readBytes(_ descriptor: Int32, _ memory: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, memory.baseAddress, memory.count)
}

/// write(2).
package func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
