import SignetIdentity
import SignetJOSE
import SignetSystem

/// The text of a configuration, for changes that keep comments, order and layout.
///
/// Every change is read again, and refused unless the new text means exactly what was asked for. A path is a list of member names
/// and of indices in decimal.
package struct ConfigurationText: Sendable {
    /// The text, with all changes so far.
    package private(set) var bytes: [UInt8]
    /// The value of the text.
    package private(set) var root: JSONNode

    /// Reads a text: JSON, with comments and trailing commas allowed.
    package init(_ bytes: [UInt8]) throws(JSONError) {
        self.bytes = bytes
        root = try JSONReader.read(bytes, options: .configuration)
    }

    /// The value at a path.
    package func node(at path: [String]) -> JSONNode? {
        var node = root
        for step in path {
            guard let next = node.child(step) else { return nil }
            node = next
        }
        return node
    }

    /// The text of the value at a path.
    package func text(at path: [String]) -> String? {
        node(at: path).map { String(decoding: bytes[$0.range], as: UTF8.self) }
    }

    // MARK: Changes

    /// Replaces the value at a path by JSON text.
    package mutating func replace(_ path: [String], with text: String) throws(SignetError) {
        guard let node = node(at: path) else { throw SignetError(EditingFault.notFound, at: path) }
        try apply([Replacement(node.range, Array(text.utf8))], at: path) { _ in Self.value(of: text) }
    }

    /// Replaces a member's name, and its value by JSON text.
    package mutating func replaceMember(
        _ path: [String], name: String, with text: String
    ) throws(SignetError) {
        let parent = Array(path.dropLast())
        guard let step = path.last, let container = node(at: parent), let index = container.index(of: step),
            let member = container.members?[index]
        else { throw SignetError(EditingFault.notFound, at: path) }
        let quoted = Array(JSONWriter.text(of: .string(name)).utf8)
        let replacements = [
            Replacement(member.nameRange, quoted), Replacement(member.value.range, Array(text.utf8)),
        ]
        try apply(replacements, at: parent) { object in
            var members = object?.members ?? []
            members[index] = JSONMember(name, Self.value(of: text))
            return .object(members)
        }
    }

    /// Where a member is inserted.
    package enum Place: Sendable {
        case before(String)
        case after(String)
        case last
    }

    /// Inserts a member, its value as JSON text, into the object at a path.
    package mutating func insertMember(
        _ name: String, _ text: String, _ place: Place, in path: [String]
    ) throws(SignetError) {
        guard let members = node(at: path)?.members, let index = Self.index(of: place, among: members) else {
            throw SignetError(EditingFault.notFound, at: path)
        }
        let neighbour = members.isEmpty ? nil : members[max(0, index - 1)]
        let colon = neighbour.map { ObjectStyle.colon(of: $0, in: bytes) } ?? ": "
        let item = JSONWriter.text(of: .string(name)) + colon + text
        try insert(item, at: index, in: path) { container in
            var members = container?.members ?? []
            members.insert(JSONMember(name, Self.value(of: text)), at: index)
            return .object(members)
        }
    }

    /// Inserts an element, as JSON text, into the array at a path.
    package mutating func insertElement(_ text: String, at index: Int, in path: [String]) throws(SignetError) {
        guard let elements = node(at: path)?.elements, (0...elements.count).contains(index) else {
            throw SignetError(EditingFault.notFound, at: path)
        }
        try insert(text, at: index, in: path) { container in
            var elements = container?.array ?? []
            elements.insert(Self.value(of: text), at: index)
            return .array(elements)
        }
    }

    /// Removes the member or element at a path.
    package mutating func remove(_ path: [String]) throws(SignetError) {
        let parent = Array(path.dropLast())
        guard let step = path.last, let container = node(at: parent), let index = container.index(of: step),
            let list = ItemList(container, in: bytes)
        else { throw SignetError(EditingFault.notFound, at: path) }
        try apply(list.removing(at: index), at: parent) { value in
            switch value {
            case .object(var members):
                members.remove(at: index)
                return .object(members)
            case .array(var elements):
                elements.remove(at: index)
                return .array(elements)
            default: return .null
            }
        }
    }

    /// An object of these members, in the layout of the one at a path.
    package func object(like path: [String], _ members: [JSONMember]) -> String {
        ObjectStyle(of: node(at: path) ?? .emptyObject, in: bytes).text(members)
    }

    // MARK: Applying

    private mutating func insert(
        _ item: String, at index: Int, in path: [String], meaning: (JSONValue?) -> JSONValue
    ) throws(SignetError) {
        guard let container = node(at: path), let list = ItemList(container, in: bytes) else {
            throw SignetError(EditingFault.notFound, at: path)
        }
        let replacements = list.inserting(Array(item.utf8), at: index, step: step)
        try apply(replacements, at: path, meaning: meaning)
    }

    /// Makes a change if the new text, read again, has the meaning that was asked for.
    private mutating func apply(
        _ replacements: [Replacement], at path: [String], meaning: (JSONValue?) -> JSONValue
    ) throws(SignetError) {
        let changed = bytes.applying(replacements)
        guard let node = try? JSONReader.read(changed, options: .configuration),
            node.value == root.value.changing(path[...], meaning)
        else { throw SignetError(EditingFault.differs, at: path) }
        (bytes, root) = (changed, node)
    }

    private static func value(of text: String) -> JSONValue {
        (try? JSONReader.read(Array(text.utf8), options: .configuration).value) ?? .null
    }

    private static func index(of place: Place, among members: [JSONNode.Member]) -> Int? {
        switch place {
        case .last: members.count
        case .before(let name): members.firstIndex { $0.name.hasSameBytes(as: name) }
        case .after(let name): members.firstIndex { $0.name.hasSameBytes(as: name) }.map { $0 + 1 }
        }
    }

    /// The indentation of one level: that of the first member, or two spaces.
    private var step: [UInt8] {
        guard let list = ItemList(root, in: bytes), !list.items.isEmpty, list.startsLine(0) else {
            return [0x20, 0x20]
        }
        let indentation = list.indentation(ofLineAt: list.items[0].lowerBound)
        return indentation.isEmpty ? [0x20, 0x20] : indentation
    }
}

extension JSONNode {
    /// The index of a member by its name, or of an element by its number.
    fileprivate func index(of step: String) -> Int? {
        if let elements { return Int(step).flatMap { elements.indices.contains($0) ? $0 : nil } }
        return members?.firstIndex { $0.name.hasSameBytes(as: step) }
    }

    /// The member or element at a step of a path.
    fileprivate func child(_ step: String) -> JSONNode? {
        index(of: step).flatMap { elements?[$0] ?? members?[$0].value }
    }
}

extension JSONValue {
    /// The same value with a change at a path.
    fileprivate func changing(_ path: ArraySlice<String>, _ change: (JSONValue?) -> JSONValue) -> JSONValue {
        guard let step = path.first else { return change(self) }
        switch self {
        case .object(var members):
            guard let index = members.firstIndex(where: { $0.name.hasSameBytes(as: step) }) else { return self }
            let member = members[index]
            members[index] = JSONMember(member.name, member.value.changing(path.dropFirst(), change))
            return .object(members)
        case .array(var elements):
            guard let index = Int(step), elements.indices.contains(index) else { return self }
            elements[index] = elements[index].changing(path.dropFirst(), change)
            return .array(elements)
        default: return self
        }
    }
}

/// Why a configuration's text could not be changed; the raw value is the error's code.
package enum EditingFault: String, Sendable {
    /// There is nothing at the place that should change.
    case notFound = "edit-not-found"
    /// The changed text would not say what was meant.
    case differs = "edit-differs"
}

extension SignetError {
    /// A change of a configuration's text that cannot be made.
    init(_ fault: EditingFault, at path: [String]) {
        let place = path.joined(separator: ".")
        let reason =
            switch fault {
            case .notFound: "there is nothing to change at \(place)"
            case .differs: "\(place) cannot be changed without changing something else"
            }
        self.init(fault, reason, hint: "change it by hand; nothing was written")
    }
}
