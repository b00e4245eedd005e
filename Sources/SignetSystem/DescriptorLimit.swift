/// The number of files and sockets that the process may have open.
package enum DescriptorLimit {
    private static let resource = Int32(RLIMIT_NOFILE.rawValue)

    /// Raises the soft limit, which is 1,024 on most systems, to the hard limit.
    ///
    /// - Returns: The soft limit after the call.
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

    /// Descriptors for everything but client sockets: libraries, event queues, the audit, file reloads, the admin listener.
    private static let reserve = 256

    /// The number of callers' sockets that fit under the hard limit: a quarter of it, at most 10,000.
    ///
    /// Each may wait for a call to a vendor, which needs up to four descriptors. The limit itself must never be reached: the
    /// runtime's own threads open files, and end the process if they cannot.
    package static var connections: Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 192 }
        return max(16, min(10_000, (Int(clamping: limit.rlim_max) - reserve) / 4))
    }

    /// The number of sockets to vendors that fit: half as many, because host lookup and connecting need up to four descriptors.
    package static var vendorConnections: Int { max(8, connections / 2) }
}
