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

    /// For everything that is no connection: libraries, event queues, the audit, files that are read again, the admin side.
    private static let reserve = 256

    /// How many callers' connections fit under the hard limit, 10,000 at most: a quarter. Each may wait for a vendor, whose call takes
    /// up to four files. The limit itself must never be reached: the runtime's own threads read files, and end the process when they
    /// cannot.
    package static var connections: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 192 }
        return max(16, min(10_000, (Int(clamping: limit.rlim_max) - reserve) / 4))
    }

    /// How many connections to vendors fit: half as many, since each takes up to four files while its host is looked up and tried.
    package static var vendorConnections: Int { max(8, connections / 2) }
}
