/// A file that is read piece by piece, for inputs of any length.
package final class InputFile {
    private let descriptor: Descriptor

    /// Opens a file; `-` is standard input.
    package init(path: String) throws(SignetError) {
        descriptor = try Descriptor(reading: path)
    }

    /// The bytes of a regular file when it was opened; nil for a pipe and its like.
    package var size: Int64? { descriptor.size }

    /// Reads what there is, at most a buffer full; 0 at the end.
    package func read(into buffer: inout [UInt8]) throws(SignetError) -> Int {
        let count = buffer.withUnsafeMutableBytes { memory in
            Result { () throws(SignetError) -> Int in try descriptor.read(into: memory) }
        }
        return try count.get()
    }
}
