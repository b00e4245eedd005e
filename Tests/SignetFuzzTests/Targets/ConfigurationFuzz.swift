import SignetJOSE
import SignetKit
import SignetRouting
import SignetSystem

/// The fuzz target `configuration`: the reader places every fault and shows nothing that hides, and the editor changes what it is told
/// to and not a byte besides.
///
/// The first three bytes of an input choose a change and its place; the text follows.
enum ConfigurationFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard input.count > 3 else { return nil }
        let bytes = Array(input.dropFirst(3))
        guard let text = try? ConfigurationText(bytes) else { return faultOfReading(bytes) }
        return faultOfReading(bytes) ?? faultOfChange(Int(input[0]), Int(input[1]), Int(input[2]), in: text)
            ?? faultOfAddedRoute(in: text)
    }

    // MARK: Reading

    private static func read(_ bytes: [UInt8]) throws(ConfigurationError) -> Configuration {
        try Configuration.read(bytes, file: "signet.json", plugins: .builtIn, pins: .none)
    }

    private static func faultOfReading(_ bytes: [UInt8]) -> String? {
        do throws(ConfigurationError) {
            return try read(bytes).warnings.lazy.compactMap { fault(of: $0, in: bytes, .warning) }.first
        } catch {
            if error.diagnostics.isEmpty { return "refused without a reason" }
            return error.diagnostics.lazy.compactMap { fault(of: $0, in: bytes, .error) }.first
        }
    }

    private static func fault(
        of diagnostic: Diagnostic, in bytes: [UInt8], _ severity: Diagnostic.Severity
    ) -> String? {
        guard let position = diagnostic.position, (0...bytes.count).contains(position.offset) else {
            return "a fault that stands nowhere"
        }
        if diagnostic.severity != severity { return "another severity" }
        return VisibleCheck.fault(of: diagnostic.text, hint: diagnostic.hint)
    }

    // MARK: Changes

    private static func faultOfChange(_ change: Int, _ place: Int, _ number: Int, in before: ConfigurationText)
        -> String?
    {
        let values = before.root.reachable()
        let (path, node) = values[place % values.count]
        var after = before
        do throws(SignetError) {
            switch change % 4 {
            case 0:
                let count = node.members?.count ?? node.elements?.count
                guard let count else { return nil }
                let index = number % (count + 1)
                if let members = node.members {
                    guard node.member("put-in") == nil else { return nil }
                    try after.insertMember(
                        "put-in", "[1]", index == count ? .last : .before(members[index].name), in: path)
                } else {
                    try after.insertElement("[1]", at: index, in: path)
                }
                guard after.bytes.holds(before.bytes) else { return "putting in takes something out" }
            case 1:
                guard let step = path.last else { return nil }
                try after.remove(path)
                guard before.bytes.holds(after.bytes) else { return "taking out puts something in" }
                return faultOfNeighbours(of: path, step, before, after)
            case 2:
                guard !path.isEmpty else { return nil }
                try after.replace(path, with: "12.50")
                let expected =
                    before.bytes[..<node.range.lowerBound] + "12.50".utf8 + before.bytes[node.range.upperBound...]
                guard after.bytes == Array(expected) else { return "replacing changes something else" }
            default:
                guard let step = path.last, let member = before.node(at: path.dropLast())?.member(step) else {
                    return nil
                }
                try after.replaceMember(path, name: "renamed", with: "{}")
                let expected =
                    before.bytes[..<member.nameRange.lowerBound] + #""renamed""#.utf8
                    + before.bytes[member.nameRange.upperBound..<node.range.lowerBound] + "{}".utf8
                    + before.bytes[node.range.upperBound...]
                guard after.bytes == Array(expected) else { return "renaming changes something else" }
            }
        } catch {
            return "\(error.code) at a place that is there, by change \(change % 4)"
        }
        return after.bytes.count < before.bytes.count + 100 ? nil : "more is put in than was asked for"
    }

    /// Everything beside what was taken out, name by name and byte by byte.
    private static func faultOfNeighbours(
        of path: [String], _ step: String, _ before: ConfigurationText, _ after: ConfigurationText
    ) -> String? {
        let parent = Array(path.dropLast())
        guard let old = before.node(at: parent), let new = after.node(at: parent) else { return "the parent is gone" }
        let left = old.items.filter { !$0.step.hasSameBytes(as: step) || $0.isAgain }.map {
            Array(before.bytes[$0.range])
        }
        let found = new.items.map { Array(after.bytes[$0.range]) }
        guard left == found else { return "taking out changes a neighbour" }
        let tail = before.bytes.count - old.range.upperBound
        guard before.bytes[..<old.range.lowerBound] == after.bytes[..<new.range.lowerBound],
            before.bytes.suffix(tail) == after.bytes.suffix(tail)
        else { return "taking out changes what is around" }
        return nil
    }

    /// Of a configuration that is accepted, one with another route is accepted.
    private static func faultOfAddedRoute(in text: ConfigurationText) -> String? {
        guard let old = try? read(text.bytes), let connection = old.connections.first?.name,
            text.node(at: ["routes"]) != nil, !old.routes.routes.contains(where: { $0.name == "put-in" })
        else { return nil }
        var added = text
        do {
            try added.insertMember("put-in", #"{"connection":"\#(connection)"}"#, .last, in: ["routes"])
            let new = try read(added.bytes)
            guard new.routes.routes.map(\.name) == old.routes.routes.map(\.name) + ["put-in"],
                new.connections.map(\.name) == old.connections.map(\.name), new.keys.map(\.name) == old.keys.map(\.name)
            else { return "another configuration comes of a route put in" }
            return nil
        } catch {
            return "a route cannot be put in: \((error as? any CodedError)?.reason ?? "\(error)")"
        }
    }
}

extension JSONNode {
    /// Every value that a path leads to: of members that stand twice the first.
    fileprivate func reachable(at path: [String] = []) -> [(path: [String], node: JSONNode)] {
        let inner =
            elements?.enumerated().map { ("\($0)", $1) }
            ?? items.filter { !$0.isAgain }.compactMap { item in member(item.step).map { (item.step, $0.value) } }
        return [(path, self)] + inner.flatMap { step, node in node.reachable(at: path + [step]) }
    }

    /// The items of an object or array: what leads there, the bytes, and whether a member of the name stands before it.
    fileprivate var items: [(step: String, range: Range<Int>, isAgain: Bool)] {
        if let elements { return elements.enumerated().map { ("\($0)", $1.range, false) } }
        var seen = Set<[UInt8]>()
        return (members ?? []).map { member in
            let isAgain = !seen.insert(Array(member.name.utf8)).inserted
            return (member.name, member.nameRange.lowerBound..<member.value.range.upperBound, isAgain)
        }
    }
}

extension Sequence<UInt8> {
    /// Whether it holds all of these bytes in their order, with others between.
    fileprivate func holds(_ part: [UInt8]) -> Bool {
        var rest = part[...]
        for byte in self where byte == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}
