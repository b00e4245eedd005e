import SignetJOSE
import SignetSystem

/// Why no vendor can be called at all.
public struct CurlError: CodedError, Equatable {
    /// What is wrong.
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    /// Always `transport-failed`.
    public var code: String { "transport-failed" }
}
