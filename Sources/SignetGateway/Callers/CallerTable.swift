import SignetConfiguration
import SignetJOSE

/// All callers by the SHA-256 digests of their tokens.
///
/// The search need not take constant time: its time depends on a digest. An attacker can neither choose a token by its digest's
/// bytes nor find a token of full entropy by its digest. SECURITY.md has the argument.
struct CallerTable: Sendable {
    private let byDigest: [[UInt8]: Caller]

    init(_ callers: [Caller]) {
        let all = callers.flatMap { caller in caller.tokenDigests.map { ($0, caller) } }
        byDigest = Dictionary(all) { $1 }
    }

    /// The caller whose token this is.
    func caller(presenting token: String) -> Caller? {
        var token = token
        var presented = [UInt8](repeating: 0, count: SHA256.length)
        let digested = token.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0), into: &presented) }
        return digested ? byDigest[presented] : nil
    }
}
