#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files and sockets the process may have open.
package enum DescriptorLimit {
    #if canImport(Glibc)
        private static let resource = Int32(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif

    /// Raises the soft limit, which is 1,024 on most systems, to the hard one, and says what it is now.
    @discardableResult
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            let soft = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = soft }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many connections fit under the hard limit beside what else the process has open: 10,000 at most.
    static var connections: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 960 }
        return max(16, min(10_000, Int(clamping: limit.rlim_max) - 64))
    }
}
