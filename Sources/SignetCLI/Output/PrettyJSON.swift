import SignetJOSE

/// JSON for people: two spaces a level, one member a line; nothing in it can steer a terminal.
enum PrettyJSON {
    static func text(of value: JSONValue, indent: String = "") -> String {
        let inner = indent + "  "
        switch value {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + text(of: $0, indent: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                "\(inner)\(text(of: .string(member.name))): \(text(of: member.value, indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        default:
            return JSONWriter.text(of: value).visible
        }
    }
}
