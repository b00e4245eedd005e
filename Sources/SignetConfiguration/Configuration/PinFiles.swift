import SignetJOSE
import SignetRouting
import SignetSystem

/// The pin files of this process that are in use: one that has not changed is not read again when the rest of a configuration is.
package enum PinFiles {
    /// More than a configuration may have: a subject is some 14 bytes, and there may be millions.
    static let limit = 64 * 1024 * 1024

    /// A file as it was. What no configuration holds any more is gone.
    private struct Known: Sendable {
        let mark: FileMark
        weak var list: PinList?
    }

    private static let known = Lock<[String: Known]>([:])

    /// What stands in a file.
    ///
    /// - Throws: ``PinList/Fault``, or a `SignetError`.
    package static func list(_ path: String) throws -> PinList {
        let mark = FileMark(path)
        if let mark, let list = known.withLock({ $0[path].flatMap { $0.mark == mark ? $0.list : nil } }) {
            return list
        }
        let list = try PinList(FileReading.bytes(atPath: path, limit: limit))
        known.withLock { known in
            known = known.filter { $0.value.list != nil }
            known[path] = mark.map { Known(mark: $0, list: list) }
        }
        return list
    }
}
