#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ServerLimits {
    /// How many processors there are; never fewer than one.
    package static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// The system's words for an error number.
func words(for code: Int32) -> String {
    String(cString: strerror(code))
}

/// Waits a little, for something that tells nobody when it is done.
func pause(milliseconds: Int64) {
    var time = timespec()
    time.tv_sec = Int(milliseconds / 1_000)
    time.tv_nsec = Int(milliseconds % 1_000) * 1_000_000
    nanosleep(&time, nil)
}

// Where a type has methods of these names, the system's functions are out of sight.

/// close(2).
func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}

/// listen(2).
func listenOn(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
    listen(descriptor, backlog)
}
