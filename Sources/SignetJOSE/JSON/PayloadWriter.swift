import SignetSystem

/// Takes the payload that a signer prepares. The buffer belongs to the connection, which signs it where it stands.
public struct PayloadWriter: ~Copyable {
    private var writer: JSONWriter

    /// Writes the payload, one JSON value.
    public mutating func json(_ body: (inout JSONWriter) -> Void) {
        body(&writer)
    }

    /// Whether one value was written and its brackets match.
    package var isComplete: Bool { writer.isComplete }

    /// Calls `body` with a writer, then `use` with the bytes that it wrote. Not generic: another module could not specialise it.
    package static func withBytes(
        writing body: (inout PayloadWriter) throws(SignetError) -> Void,
        use: (UnsafeRawBufferPointer) throws(SignetError) -> Void
    ) throws(SignetError) {
        try OutputBuffer.withScratch { (output: consuming OutputBuffer) throws(SignetError) in
            var payload = PayloadWriter(writer: JSONWriter(into: output))
            try body(&payload)
            try payload.writer.withBytes(use)
        }
    }
}
