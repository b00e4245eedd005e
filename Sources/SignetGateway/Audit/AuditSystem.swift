import SignetJOSE
import SignetSystem

/// The calls by which a line gets onto the disk, so that a test can have a disk that fails.
struct AuditSystem: Sendable {
    /// write(2).
    var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int = { writeBytes($0, $1) }
    /// ftruncate(2).
    var truncate: @Sendable (Int32, Int64) -> Int32 = { ftruncate($0, off_t($1)) }
    /// fdatasync(2).
    var synchronise: @Sendable (Int32) -> Int32 = { descriptor in
        #if canImport(Darwin)
            // Darwin's fsync leaves the data in the disk's own cache.
            fcntl(descriptor, F_FULLFSYNC)
        #else
            fdatasync(descriptor)
        #endif
    }
    /// How often the file is looked after, in milliseconds: moved away? fit for use again?
    var lookInterval: Int64 = 1_000
    /// How long a turn may take, in milliseconds, before nothing more is taken on: the disk hangs.
    var hangLimit: UInt64 = 5_000
    /// How many lines wait at most.
    var waitingLimit = 16_384
}
