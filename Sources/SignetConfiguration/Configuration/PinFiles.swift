import SignetJOSE
import SignetRouting
import SignetSystem

/// Which files of pinned subjects are read with a configuration. They may be large, and pins count only in `live`.
public enum PinScope: Sendable, Hashable {
    /// The files in force: of every route in `live`.
    case inForce
    /// The files in force of one route.
    case inForceOf(String)
    /// The files of one route, whatever its stage.
    case of(String)
    /// The files of every route, whatever its stage. A fault in a file that is not in force is a warning.
    case all
    /// No file: no request is decided.
    case none

    func includes(_ route: String, at stage: Migration.Stage) -> Bool {
        switch self {
        case .inForce: stage == .live
        case .inForceOf(let name): stage == .live && name.hasSameBytes(as: route)
        case .of(let name): name.hasSameBytes(as: route)
        case .all: true
        case .none: false
        }
    }
}

/// The pin files that this process uses. A file that has not changed is not read again when the configuration is.
package enum PinFiles {
    /// The largest file, in bytes. It may be larger than a configuration: a subject has some 14 bytes, and there may be millions.
    static let limit = 64 * 1024 * 1024

    /// A file as it was read. The list goes when no configuration uses it any more.
    private struct Known: Sendable {
        let information: FileInformation
        weak var list: PinList?
    }

    private static let known = Lock<[String: Known]>([:])

    /// The subjects of a file.
    ///
    /// - Throws: ``PinList/Fault``, or a `SignetError`.
    package static func list(_ path: String) throws -> PinList {
        let information = FileInformation(following: path)
        if let information,
            let list = known.withLock({ $0[path].flatMap { $0.information == information ? $0.list : nil } })
        {
            return list
        }
        let list = try PinList(FileReading.bytes(atPath: path, limit: limit))
        known.withLock { known in
            known = known.filter { $0.value.list != nil }
            known[path] = information.map { Known(information: $0, list: list) }
        }
        return list
    }
}
