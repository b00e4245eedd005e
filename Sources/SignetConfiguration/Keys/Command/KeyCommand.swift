import SignetIdentity
import SignetJOSE
import SignetSystem

/// A command whose whole output is a key: started without a shell, with nothing to read, and within a time.
package struct KeyCommand: Sendable {
    /// How long it may take until it has ended and its output is closed, in milliseconds.
    package static let timeLimit: Int64 = 10_000

    private let command: [String]
    private let limit: Int64

    /// - Parameters:
    ///   - command: The program, by its path or to be found through `$PATH`, and its arguments; at least the program.
    ///   - limit: How long it may take, in milliseconds.
    package init(_ command: [String], within limit: Int64 = timeLimit) {
        self.command = command
        self.limit = limit
    }

    /// Runs it and returns what it wrote. Whatever is still of it when this goes wrong is killed.
    ///
    /// - Parameter isCancelled: Looked at now and then; true ends the waiting.
    package func output(
        unless isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(KeyCommandError) -> SecretBytes {
        let patience = Patience(limit: limit, isCancelled: isCancelled)
        let process = try SpawnedCommand(command)
        let secret: SecretBytes
        do {
            secret = try Self.output(of: process, patience)
        } catch {
            throw process.end() ? error : error.ofOneThatIsLeft
        }
        // The read needed room for the largest; what is kept for long is as large as the secret.
        return secret.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private static func output(
        of process: SpawnedCommand, _ patience: Patience
    ) throws(KeyCommandError) -> SecretBytes {
        let secret = try SecretBytes(capacity: FileReading.keyLimit + 1) { memory throws(KeyCommandError) -> Int in
            var count = 0
            while count < memory.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
                let length = try process.read(into: rest, patience)
                if length == 0 { return count }
                count += length
            }
            throw process.fault(.tooLarge)
        }
        try process.waitForSuccess(patience)
        return secret
    }

    /// How long a command is waited for.
    struct Patience: Sendable {
        let limit: Int64
        let end: MonotonicTime
        let isCancelled: @Sendable () -> Bool

        init(limit: Int64, isCancelled: @escaping @Sendable () -> Bool) {
            self.limit = limit
            self.isCancelled = isCancelled
            end = MonotonicTime.now.advanced(byMilliseconds: limit)
        }

        /// The milliseconds that may be slept before looking again, or why there are none left.
        func next(atMost longest: Int64) -> Result<Int32, Impatience> {
            if isCancelled() { return .failure(Impatience(kind: .cancelled)) }
            let left = MonotonicTime.now.milliseconds(until: end)
            guard left > 0 else { return .failure(Impatience(kind: .timedOut(limit))) }
            return .success(Int32(min(left, longest)))
        }
    }

    /// Why a command is waited for no longer.
    struct Impatience: Error {
        let kind: KeyCommandError.Kind
    }
}
