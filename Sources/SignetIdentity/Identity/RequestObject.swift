import SignetJOSE
import SignetSystem

/// One object of a request's body, read member by member. A member that is `null` is absent.
struct RequestObject {
    private let members: [JSONNode.Member]
    private let pointer: String
    /// The longest object as text, in bytes.
    private static let longestText = 4096

    init(_ node: JSONNode, at pointer: String, allowing names: [String]) throws(SignetError) {
        let what = pointer.isEmpty ? "the body" : String(pointer.dropFirst())
        guard let members = node.members else {
            throw SignetError(pointer, .type, "\(what) is \(node.kind), not an object")
        }
        for member in members where !names.contains(where: member.name.hasSameBytes(as:)) {
            let place = Self.pointer(to: member.name, in: pointer)
            throw SignetError(
                place, .unknown,
                place == pointer ? "\(what) has a member of an unknown name" : "there is no member of that name",
                hint: NearestName.hint(for: member.name, among: names))
        }
        self.members = members
        self.pointer = pointer
    }

    func has(_ name: String) -> Bool {
        member(name) != nil
    }

    /// - Parameter takesNull: Whether `null` is absence, and not a value of another type.
    func text(_ name: String, takesNull: Bool = true) throws(SignetError) -> String? {
        guard let node = takesNull ? member(name) : written(name) else { return nil }
        guard let text = node.string else { throw wrongType(name, node, "a string") }
        return text
    }

    func boolean(_ name: String) throws(SignetError) -> Bool? {
        guard let node = member(name) else { return nil }
        guard case .boolean(let value) = node.content else { throw wrongType(name, node, "true or false") }
        return value
    }

    func object(_ name: String, allowing names: [String]) throws(SignetError) -> RequestObject? {
        guard let node = member(name) else { return nil }
        return try RequestObject(node, at: "\(pointer)/\(name)", allowing: names)
    }

    /// An object, or one as JSON text: a backend that hands on the text as it came can splice nothing into the request.
    func object(orText name: String, allowing names: [String]) throws(SignetError) -> RequestObject? {
        guard let text = member(name)?.string else { return try object(name, allowing: names) }
        guard !text.isEmpty else { return nil }
        let pointer = "\(pointer)/\(name)"
        guard text.utf8.count <= Self.longestText else {
            throw SignetError(pointer, .tooLong, "\(name) is longer than \(Self.longestText) bytes")
        }
        let node: JSONNode
        do {
            node = try JSONReader.read(Array(text.utf8))
        } catch {
            throw SignetError(
                pointer, .json, "\(name) is a string, and not strict JSON: \(error.reason)", hint: error.hint)
        }
        if case .null = node.content { return nil }
        return try RequestObject(node, at: pointer, allowing: names)
    }

    /// A flat object of strings. What is `null` is empty.
    func texts(_ name: String) throws(SignetError) -> [String: String?] {
        guard let node = member(name) else { return [:] }
        guard let members = node.members else { throw wrongType(name, node, "an object of strings") }
        var texts: [String: String?] = [:]
        for member in members {
            let text = member.value.string
            guard text != nil || member.value.isNull else {
                throw SignetError(
                    Self.pointer(to: member.name, in: "\(pointer)/\(name)"), .type,
                    "a value in \(name) is \(member.value.kind), not a string")
            }
            // Names that differ in their bytes alone are one key of a dictionary; which of the two would win is chance.
            guard texts.updateValue(text, forKey: member.name) == nil else {
                throw SignetError(
                    "\(pointer)/\(name)", .conflict, "two names in \(name) are the same but for their bytes")
            }
        }
        return texts
    }

    func sessionID(_ name: String) throws(SignetError) -> SessionID? {
        guard let text = try text(name) else { return nil }
        do {
            return try SessionID(text)
        } catch {
            throw SignetError("\(pointer)/\(name)", .sessionID, error.reason)
        }
    }

    private func member(_ name: String) -> JSONNode? {
        written(name).flatMap { $0.isNull ? nil : $0 }
    }

    private func written(_ name: String) -> JSONNode? {
        members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    private func wrongType(_ name: String, _ node: JSONNode, _ wanted: String) -> SignetError {
        SignetError("\(pointer)/\(name)", .type, "\(name) is \(node.kind), not \(wanted)")
    }

    /// The longest name that is repeated, in bytes. None of ours is longer.
    private static let longestName = 64

    /// The pointer to a member whose name the sender chose. To a longer name, or to one of the page, which anybody may have
    /// written, it ends at the object.
    private static func pointer(to name: String, in object: String) -> String {
        let isOfPage = object == "/page" || object.hasPrefix("/page/")
        return isOfPage || name.utf8.count > longestName ? object : "\(object)/\(escaped(name))"
    }

    /// RFC 6901 §3.
    private static func escaped(_ name: String) -> String {
        name.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
