import SignetIdentity
import SignetJOSE
import SignetSystem

/// The log on standard error: one JSON object a line.
///
/// Lines are handed to a thread that writes them, so that no request waits for whoever reads them. When more is waiting
/// than there is room for, lines are dropped, and the next line tells how many.
public final class StandardErrorLog: GatewayLogging {
    private let buffer: LogBuffer

    /// Starts the log.
    ///
    /// - Parameter capacity: How many bytes may wait.
    public convenience init(capacity: Int = 1 << 20) {
        self.init(descriptor: STDERR_FILENO, capacity: capacity)
    }

    init(descriptor: Int32, capacity: Int) {
        buffer = LogBuffer(descriptor: descriptor, capacity: capacity)
        buffer.start()
    }

    deinit {
        buffer.stop()
    }

    /// Takes one line; never blocks and never fails.
    public func log(_ line: LogLine) {
        LogFormat.withBytes(of: line) { buffer.append($0) }
    }

    /// Returns once everything that was logged before is written, or after some time: whoever does not read is not waited
    /// for longer.
    ///
    /// - Returns: Whether everything is written.
    @discardableResult
    public func flush(milliseconds: Int64 = 1000) -> Bool {
        buffer.flush(milliseconds: milliseconds)
    }
}
