import SignetJOSE
import SignetSystem

/// One object of a request's body, read member by member. A member that is `null` counts as absent.
struct RequestObject {
    private let members: [JSONNode.Member]
    private let pointer: String
    /// The longest object in a string, in bytes.
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

    /// Whether there is a value. An empty string counts as absent.
    func has(_ name: String) -> Bool {
        member(name).map { $0.string?.isEmpty != true } ?? false
    }

    /// - Parameter takesNull: Whether `null` counts as absent. Otherwise it is a value of the wrong type.
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

    /// An object, or a string with an object's JSON. A backend that passes on the page's text as a string cannot be tricked
    /// into adding members to the request.
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
                pointer, .json, "\(name) is a string that is not strict JSON: \(error.reason)", hint: error.hint)
        }
        if case .null = node.content { return nil }
        return try RequestObject(node, at: pointer, allowing: names)
    }

    /// A flat object of strings; nil stands for `null`.
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
            // Canonically equivalent names are one key of a dictionary, and either value could win.
            guard texts.updateValue(text, forKey: member.name) == nil else {
                throw SignetError(
                    "\(pointer)/\(name)", .conflict, "two names in \(name) differ only in their encoding")
            }
        }
        return texts
    }

    func sessionID(_ name: String) throws(SignetError) -> SessionID? {
        guard let text = try text(name), !text.isEmpty else { return nil }
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

    /// The longest name that a pointer repeats, in bytes. No valid name is longer.
    private static let longestName = 64

    /// The pointer to a member whose name the sender chose. For a longer name, and for any name in the page's part, it points
    /// to the object: text of unknown origin does not get into errors.
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
