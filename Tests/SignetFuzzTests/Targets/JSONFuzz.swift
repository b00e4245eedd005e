import SignetJOSE
import SignetSystem

/// The fuzz target `json`: what is accepted is written and read as the same, each value stands where its node says, and what stands
/// around a text decides as the grammar has it.
enum JSONFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        let strict = read(input, .strict)
        let configuration = read(input, .configuration)
        for case .failure(let error) in [strict, configuration] {
            if let fault = fault(of: error, in: input) { return fault }
        }
        if case .success(let node) = configuration {
            if let fault = faultOfPlaces(node, in: input, .configuration) { return fault }
        }
        if let fault = faultOfWithholding(input, strict) ?? faultOfChoosing(input, strict) { return fault }
        guard case .success(let node) = strict else { return nil }
        guard case .success(let same) = configuration, written(same) == written(node) else {
            return "the configuration's dialect does not read strict JSON alike"
        }
        return faultOfPlaces(node, in: input, .strict) ?? faultOfWriting(node)
            ?? faultOfSurroundings(node, in: input)
    }

    private static func read(_ bytes: [UInt8], _ options: JSONReader.Options) -> Result<JSONNode, JSONError> {
        Result { () throws(JSONError) in try JSONReader.read(bytes, options: options) }
    }

    private static func written(_ node: JSONNode) -> [UInt8] { JSONWriter.bytes(of: node.value) }

    private static func fault(of error: JSONError, in input: [UInt8]) -> String? {
        let place = error.position
        guard (0...input.count).contains(place.offset) else { return "an error behind the end" }
        let before = input[..<place.offset]
        if place.line != before.count(where: { $0 == UInt8(ascii: "\n") }) + 1 { return "an error on another line" }
        let onLine = before[(before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)...]
        if place.column != onLine.count(where: { $0 & 0xC0 != 0x80 }) + 1 { return "an error in another column" }
        return VisibleCheck.fault(of: error)
    }

    // MARK: Places

    /// Every value and name, read alone from where it stands, is the same.
    private static func faultOfPlaces(
        _ node: JSONNode, in source: [UInt8], _ options: JSONReader.Options, depth: Int = 1
    ) -> String? {
        guard case .success(let alone) = read(Array(source[node.range]), options), written(alone) == written(node),
            alone.range.count == node.range.count
        else { return "a value is not what stands in its place" }
        let isContainer = node.members != nil || node.elements != nil
        if isContainer, depth > JSONReader.maximumDepth { return "nested deeper than the limit" }
        var end = node.range.lowerBound + 1
        var names = Set<[UInt8]>()
        for member in node.members ?? [] {
            guard case .success(let name) = read(Array(source[member.nameRange]), .strict), let text = name.string,
                text.hasSameBytes(as: member.name)
            else { return "a name is not what stands in its place" }
            if !names.insert(Array(member.name.utf8)).inserted, !options.keepsDuplicates { return "a duplicate member" }
            if member.nameRange.lowerBound < end || member.value.range.lowerBound <= member.nameRange.upperBound {
                return "a name stands elsewhere"
            }
            end = member.value.range.upperBound
        }
        for element in node.elements ?? [] {
            if element.range.lowerBound < end { return "an element stands elsewhere" }
            end = element.range.upperBound
        }
        if isContainer, end >= node.range.upperBound { return "a value ends behind what holds it" }
        let inner = (node.members ?? []).map(\.value) + (node.elements ?? [])
        return inner.lazy.compactMap { faultOfPlaces($0, in: source, options, depth: depth + 1) }.first
    }

    // MARK: Writing

    private static func faultOfWriting(_ node: JSONNode) -> String? {
        let text = written(node)
        if text.contains(where: { $0 < 0x20 }) { return "a control character is written" }
        guard case .success(let again) = read(text, .strict) else { return "what is written is refused" }
        return written(again) == text && isSame(again.value, node.value) ? nil : "what is written says something else"
    }

    /// Equality by bytes: Swift's own takes canonically equivalent strings for equal.
    private static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && zip(left, right).allSatisfy { $0.name.hasSameBytes(as: $1.name) && isSame($0.value, $1.value) }
        default: left == right
        }
    }

    // MARK: Surroundings

    private static func faultOfSurroundings(_ node: JSONNode, in input: [UInt8]) -> String? {
        let isDeepest = depth(of: node) == JSONReader.maximumDepth
        let tests: [(what: String, text: [UInt8], wanted: JSONError.Kind?)] = [
            ("in a list", around(input, "[", "]"), isDeepest ? .tooDeep : nil),
            ("in white space", around(input, " \r\n\t", "\n"), nil),
            ("twice", around(input, #"{"a":"#, #","\u0061":0}"#), isDeepest ? .tooDeep : .duplicateMember),
            ("before a bracket", around(input, "", "]"), .syntax),
            ("behind a byte order mark", around(input, "\u{FEFF}", ""), .syntax),
            ("before half a character", input + [0xC3], .invalidUTF8),
        ]
        for test in tests {
            let kind: JSONError.Kind? =
                if case .failure(let error) = read(test.text, .strict) { error.kind } else { nil }
            if kind != test.wanted { return "an accepted text \(test.what): \(kind?.rawValue ?? "accepted")" }
        }
        guard input.count <= 200 else { return nil }
        if case .number = node.content { return nil }
        for end in 0..<node.range.upperBound {
            if case .success = read(Array(input[..<end]), .strict) { return "the first \(end) bytes are accepted" }
        }
        return nil
    }

    private static func around(_ text: [UInt8], _ before: String, _ after: String) -> [UInt8] {
        Array(before.utf8) + text + Array(after.utf8)
    }

    private static func depth(of node: JSONNode) -> Int {
        let inner = node.members?.map(\.value) ?? node.elements
        return inner.map { 1 + ($0.map(depth).max() ?? 0) } ?? 0
    }

    // MARK: Withholding

    private static let withheld: Set<String> = ["d", "k", "a"]

    /// The reader of secrets accepts the same but for escapes in what it withholds, and hands out none of that.
    private static func faultOfWithholding(_ input: [UInt8], _ strict: Result<JSONNode, JSONError>) -> String? {
        let found = input.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in try JSONReader.read(secret: bytes, withholding: withheld) }
        }
        switch (found, strict) {
        case (.success(let secret), .success(let plain)):
            return isSame(secret, plain) ? nil : "withholding changes what is not withheld"
        case (.success, .failure): return "withholding accepts more"
        case (.failure, .success(let plain)):
            return hasEscapeWithheld(plain, in: input) ? nil : "withholding refuses strict JSON"
        case (.failure(let error), .failure): return fault(of: error, in: input)
        }
    }

    // MARK: Choosing

    /// What is chosen among the members is as the strict reader has it, whatever stands beside it.
    private static func faultOfChoosing(_ input: [UInt8], _ strict: Result<JSONNode, JSONError>) -> String? {
        let found = Result { () throws(JSONError) in try JSONReader.members(["a"], of: input) }
        let chosen: JSONValue
        switch found {
        case .failure(let error):
            if case .success = strict { return "choosing refuses strict JSON" }
            return fault(of: error, in: input)
        case .success(let value): chosen = value
        }
        if case .success(let node) = strict, let members = node.value.members {
            let expected = JSONValue.object(members.filter { $0.name.hasSameBytes(as: "a") })
            if !isSame(chosen, expected) { return "choosing reads something else" }
        }
        guard let members = chosen.members else { return nil }
        guard members.isEmpty || members.count == 1 && members[0].name == "a" else { return "more is read than chosen" }
        let text = JSONWriter.bytes(of: chosen)
        guard case .success(let again) = read(text, .strict), isSame(again.value, chosen) else {
            return "what is chosen is not strict"
        }
        return nil
    }

    private static func isSame(_ secret: JSONNode, _ plain: JSONNode) -> Bool {
        guard secret.range == plain.range else { return false }
        if let members = secret.members {
            guard let others = plain.members, members.count == others.count else { return false }
            return zip(members, others).allSatisfy { member, other in
                guard member.name.hasSameBytes(as: other.name), member.nameRange == other.nameRange else {
                    return false
                }
                let isWithheld = withheld.contains(member.name) && other.value.string != nil
                return isWithheld
                    ? member.value.string == "" && member.value.range == other.value.range
                    : isSame(member.value, other.value)
            }
        }
        if let elements = secret.elements {
            guard let others = plain.elements, elements.count == others.count else { return false }
            return zip(elements, others).allSatisfy { isSame($0, $1) }
        }
        return isSame(secret.value, plain.value)
    }

    private static func hasEscapeWithheld(_ node: JSONNode, in input: [UInt8]) -> Bool {
        (node.elements ?? []).contains { hasEscapeWithheld($0, in: input) }
            || (node.members ?? []).contains { member in
                member.value.string != nil && withheld.contains(member.name)
                    ? input[member.value.range].contains(UInt8(ascii: "\\"))
                    : hasEscapeWithheld(member.value, in: input)
            }
    }
}
