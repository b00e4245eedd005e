import SignetSystem

/// Takes the payload that a signer prepares. The buffer belongs to the connection, which signs it where it stands.
public struct PayloadWriter: ~Copyable {
    private var writer: JSONWriter

    /// Writes the payload, one JSON value.
    public mutating func json(_ body: (inout JSONWriter) -> Void) {
        body(&writer)
    }

    /// Whether a value was written and every object and array is closed.
    package var isComplete: Bool { writer.isComplete }

    /// Calls `body` with a writer, then `use` with its result and the bytes that it wrote.
    package static func withBytes<Prepared, Result>(
        writing body: (inout PayloadWriter) throws(SignetError) -> Prepared,
        use: (Prepared, UnsafeRawBufferPointer) throws(SignetError) -> Result
    ) throws(SignetError) -> Result {
        try OutputBuffer.withScratch { (output: consuming OutputBuffer) throws(SignetError) -> Result in
            var payload = PayloadWriter(writer: JSONWriter(into: output))
            let prepared = try body(&payload)
            return try payload.writer.withBytes { bytes throws(SignetError) -> Result in try use(prepared, bytes) }
        }
    }
}
