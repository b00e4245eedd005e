import SignetIdentity

extension KeyWindow {
    /// The window in words: `from 2027-01-01T00:00:00Z until 2028-01-01T00:00:00Z`.
    package var text: String {
        let start = notBefore.map { "from \($0.rfc3339)" }
        let end = notAfter.map { "until \($0.rfc3339)" }
        return [start, end].compactMap { $0 }.joined(separator: " ")
    }
}
