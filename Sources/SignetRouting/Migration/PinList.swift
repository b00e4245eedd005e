import SignetIdentity
import SignetJOSE

/// A file of subjects, one a line, in UTF-8; empty lines are left out, and everything else counts to the byte.
enum PinList {
    /// Why a file is no such list.
    struct Fault: Error {
        let line: Int
        let message: String
    }

    static func subjects(in bytes: [UInt8]) throws(Fault) -> [String] {
        var subjects: [String] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, whole) in lines.enumerated() {
            let line = whole.last == UInt8(ascii: "\r") ? whole.dropLast() : whole
            guard !line.isEmpty else { continue }
            guard let subject = String(validating: line, as: UTF8.self) else {
                throw Fault(line: index + 1, message: "it is not UTF-8")
            }
            do {
                // What could be no customer's subject would pin nobody.
                _ = try Customer(subject: subject)
            } catch {
                throw Fault(line: index + 1, message: error.reason)
            }
            subjects.append(subject)
        }
        return subjects
    }
}
