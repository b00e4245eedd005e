import SignetIdentity
import SignetJOSE
import SignetSystem

/// One line of a file of identities.
struct IdentityLine {
    /// The caller's own name for the line. It is repeated in the result and not used.
    let reference: JSONValue?
    let request: Result<SigningRequest, SignetError>

    /// Reads a line.
    ///
    /// - Parameter showingColumn: Whether the reason for a syntax error includes its column.
    init(_ line: [UInt8], showingColumn: Bool = true) {
        let node: JSONNode
        do {
            node = try JSONReader.read(line)
        } catch {
            let reason = error.fault + (showingColumn ? ", at column \(error.position.column)" : "")
            (reference, request) = (nil, .failure(SignetError("", .json, "not strict JSON: \(reason)")))
            return
        }
        let member = node.member(Self.referenceName)
        switch member?.value.content {
        case nil, .null: reference = nil
        case .string, .number: reference = member?.value.value
        default:
            reference = nil
            request = .failure(
                SignetError(
                    "/\(Self.referenceName)", .type,
                    "\(Self.referenceName) is \(member?.value.kind ?? "") and not a string or a number"))
            return
        }
        request = Result { () throws(SignetError) in
            try SigningRequest(member == nil ? node : node.removing([Self.referenceName]))
        }
    }

    private static let referenceName = "ref"

    /// Reports an input without a line: an export may have failed.
    static func reportNone(in path: String) {
        Output.note("signet: error: \(StandardInput.name(of: path)) holds no identity")
    }

    // MARK: Other formats

    /// Refuses an input that is not NDJSON. Otherwise each of its lines would fail with the same error.
    static func refuseOtherForms(_ start: [UInt8]) throws(CommandFailure) {
        func failure(_ what: String, _ hint: String) -> CommandFailure {
            CommandFailure(.wrongUse, "\(what), but one JSON object per line is needed (NDJSON)", hint: hint)
        }
        if start.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw failure("the input begins with a byte order mark", "write it as UTF-8 without one")
        }
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            throw failure("the input is UTF-16", "convert it: iconv -f UTF-16 -t UTF-8 FILE")
        }
        let lines = start.split(separator: UInt8(ascii: "\n"))
        guard let line = lines.map(trimmed).first(where: { !$0.isEmpty }) else { return }
        switch line.first {
        case UInt8(ascii: "["): throw failure("the input is a JSON array", "convert it: jq -c '.[]' FILE")
        case UInt8(ascii: "{"):
            // An object that does not end on its first line.
            if line.count == 1 && start.contains(UInt8(ascii: "\n")) {
                throw failure("the input is JSON on several lines", "convert it: jq -c . FILE")
            }
        default:
            if isHeader(line) {
                throw failure(
                    "the input looks like CSV",
                    #"each line is an object: {"subject":"12345","email":"ada@example.com"}"#)
            }
        }
    }

    /// Whether a line is a table's header: several fields, or only the name of one member.
    private static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
        let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        return line.contains(where: separators.contains)
            || ["subject", "\"subject\""].contains(String(decoding: line, as: UTF8.self).lowercased())
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blank = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        var line = line.drop(while: blank.contains)
        while let last = line.last, blank.contains(last) { line.removeLast() }
        return line
    }
}
