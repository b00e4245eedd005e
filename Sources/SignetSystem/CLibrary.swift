// The only file that imports the C library; every other file of Signet imports SignetSystem. Signet runs on Linux with glibc.
@_exported import Glibc

// Methods of Signet are called `read` and `write` too, so the C functions get names of their own.

/// read(2).
package func readBytes(_ descriptor: Int32, _ memory: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, memory.baseAddress, memory.count)
}

/// write(2).
package func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
