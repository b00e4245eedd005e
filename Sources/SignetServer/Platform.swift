import CLinux
import SignetSystem

extension ServerLimits {
    /// The number of online processors, at least one.
    package static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// The system's message for an error number.
func words(for code: Int32) -> String {
    unsafe String(cString: strerror(code))
}

/// The seconds of Unix time, to the precision of the system's tick.
func unixSeconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return Int64(time.tv_sec)
}

/// Returns free memory from malloc to the system.
func trimHeap() {
    malloc_trim(0)
}

/// accept4(2); the new descriptor is non-blocking and is closed on exec.
func acceptFrom(
    _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ size: UnsafeMutablePointer<socklen_t>
) -> Int32 {
    unsafe accept4(listener, address, size, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
}

// A type with a method of the same name hides the system's function.

/// close(2).
func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}

/// listen(2).
func listenOn(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
    listen(descriptor, backlog)
}

/// send(2).
func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
    unsafe send(descriptor, bytes.baseAddress, bytes.count, flags)
}
