import SignetJOSE
import SignetSystem

/// Checks JSON against declared types, and finds all faults with their positions.
package struct OptionCheck {
    /// One fault and its position.
    package struct Fault: Sendable {
        /// The byte offset in the source.
        package let offset: Int
        /// The members from the outermost object to the fault.
        package let path: [String]
        /// What is wrong.
        package let message: String
        /// What to do about it.
        package let hint: String?
    }

    /// The faults that were found so far.
    package private(set) var faults: [Fault] = []

    package init() {}

    /// The faults of a value without a source text.
    static func faults(in value: JSONValue, as type: OptionType) -> [String] {
        guard let node = try? JSONReader.read(JSONWriter.bytes(of: value)) else { return ["it is nested too deep"] }
        var check = OptionCheck()
        check.check(node, as: type, at: [])
        return check.faults.map(\.message)
    }

    // MARK: Types

    /// Checks one value.
    package mutating func check(_ node: JSONNode, as type: OptionType, at path: [String]) {
        switch type {
        case .string(let form): checkString(node, form, path)
        case .boolean: checkBoolean(node, path)
        case .integer(let range): checkInteger(node, range, path)
        case .percentage: checkPercentage(node, path)
        case .duration(let range): checkDuration(node, range, path)
        case .choice(let words): checkChoice(node, words, path)
        case .list(let element, let minimum): checkList(node, element, minimum, path)
        case .object(let members, let rules): checkObject(node, members, rules, path)
        case .map(let names, let values): checkMap(node, names, values, path)
        case .stringOr(let form, let other):
            if node.string != nil {
                checkString(node, form, path)
            } else if other.isOf(node) {
                check(node, as: other, at: path)
            } else {
                wrongKind(node, "a string or \(other.noun)", path)
            }
        case .listOr(let element, let minimum, let other):
            check(node, as: node.elements == nil ? other : .list(element, minimum: minimum), at: path)
        case .tagged(let tag, let variants): checkTagged(node, tag, variants, path)
        }
    }

    private mutating func checkString(_ node: JSONNode, _ form: StringForm, _ path: [String]) {
        guard let text = node.string else { return wrongKind(node, "a string", path) }
        if !form.accepts(text) {
            let subject = form.isRepeated ? JSONWriter.text(of: .string(text)) : "this"
            fault(node, path, "\(subject) is not \(form.noun)", hint: suggestion(text, form.names) ?? form.hint)
        }
    }

    private mutating func checkBoolean(_ node: JSONNode, _ path: [String]) {
        guard case .boolean = node.content else { return wrongKind(node, "true or false", path) }
    }

    private mutating func checkInteger(_ node: JSONNode, _ range: ClosedRange<Int64>, _ path: [String]) {
        guard let number = node.value.integer else { return wrongKind(node, "a whole number", path) }
        if !range.contains(number) {
            fault(node, path, "\(number) is not between \(range.lowerBound) and \(range.upperBound)")
        }
    }

    private mutating func checkPercentage(_ node: JSONNode, _ path: [String]) {
        guard case .number(let number) = node.content else { return wrongKind(node, "a number", path) }
        if Percentage(number.text) == nil {
            fault(node, path, "\(number.text) is not a percentage", hint: "0 to 100, with at most three decimals")
        }
    }

    private mutating func checkDuration(_ node: JSONNode, _ range: ClosedRange<Int64>, _ path: [String]) {
        guard let text = node.string else { return wrongKind(node, "a duration in quotes", path) }
        guard let milliseconds = DurationText.milliseconds(text) else {
            return fault(
                node, path, "\(JSONWriter.text(of: .string(text))) is not a duration",
                hint: "a whole number and ms, s, m, h or d: \"5s\"")
        }
        if !range.contains(milliseconds) {
            let limits = "between \(DurationText.text(range.lowerBound)) and \(DurationText.text(range.upperBound))"
            fault(node, path, "\(text) is not \(limits)")
        }
    }

    private mutating func checkChoice(_ node: JSONNode, _ words: [String], _ path: [String]) {
        guard let text = node.string else { return wrongKind(node, "a string", path) }
        if !words.contains(where: text.hasSameBytes(as:)) {
            let quoted = JSONWriter.text(of: .string(text))
            fault(node, path, "\(quoted) is not one of \(words.joined(separator: ", "))", hint: suggestion(text, words))
        }
    }

    // MARK: Containers

    private mutating func checkList(_ node: JSONNode, _ element: OptionType, _ minimum: Int, _ path: [String]) {
        guard let elements = node.elements else {
            var hint: String?
            if node.string?.contains(" ") == true, case .string(let form) = element { hint = form.listHint }
            return wrongKind(node, "an array", path, hint: hint)
        }
        if elements.count < minimum {
            fault(node, path, minimum == 1 ? "it is empty" : "it has fewer than \(minimum) elements")
        }
        for (index, value) in elements.enumerated() { check(value, as: element, at: path + ["\(index)"]) }
    }

    private mutating func checkObject(
        _ node: JSONNode, _ members: [OptionDeclaration], _ rules: [OptionRule], _ path: [String]
    ) {
        guard let found = node.members else { return wrongKind(node, "an object", path) }
        checkDuplicates(found, path)
        for member in found {
            guard let declaration = members.first(where: { $0.name.hasSameBytes(as: member.name) }) else {
                faults.append(
                    Fault(
                        offset: member.nameRange.lowerBound, path: path + [member.name],
                        message: "there is no member of this name",
                        hint: NearestName.hint(for: member.name, among: members.map(\.name))))
                continue
            }
            check(member.value, as: declaration.type, at: path + [member.name])
        }
        for declaration in members where node.member(declaration.name) == nil {
            if case .required = declaration.presence {
                // A list of the valid words helps more than the member's purpose.
                var hint = declaration.summary
                if case .choice(let words) = declaration.type { hint = "valid: \(words.joined(separator: ", "))" }
                fault(node, path + [declaration.name], "it is required", hint: hint)
            }
        }
        for rule in rules { check(rule, of: node, path) }
    }

    private mutating func check(_ rule: OptionRule, of node: JSONNode, _ path: [String]) {
        func present(_ names: [String]) -> [JSONNode.Member] { names.compactMap(node.member) }
        func quoted(_ names: [String], _ word: String) -> String {
            let words = names.map { "\"\($0)\"" }
            return words.count < 2
                ? words.joined() : words.dropLast().joined(separator: ", ") + " \(word) " + words[words.count - 1]
        }
        switch rule {
        case .exactlyOne(let names):
            let found = present(names)
            if found.isEmpty { fault(node, path, "it needs \(quoted(names, "or"))") }
            if found.count > 1 { fault(found[1].value, path, "only one of \(quoted(names, "and")) can be there") }
        case .atMostOne(let names):
            let found = present(names)
            if found.count > 1 { fault(found[1].value, path, "only one of \(quoted(names, "and")) can be there") }
        case .requires(let name, let other):
            if let member = node.member(name), node.member(other) == nil {
                fault(member.value, path + [name], "it goes with \"\(other)\", which is missing")
            }
        }
    }

    private mutating func checkMap(_ node: JSONNode, _ names: StringForm, _ values: OptionType, _ path: [String]) {
        guard let found = node.members else { return wrongKind(node, "an object", path) }
        checkDuplicates(found, path)
        for member in found {
            if !names.accepts(member.name) {
                faults.append(
                    Fault(
                        offset: member.nameRange.lowerBound, path: path + [member.name],
                        message: "\(JSONWriter.text(of: .string(member.name))) is not \(names.noun)", hint: names.hint))
            }
            check(member.value, as: values, at: path + [member.name])
        }
    }

    private mutating func checkTagged(
        _ node: JSONNode, _ tag: OptionDeclaration,
        _ variants: [(tag: String, members: [OptionDeclaration], rules: [OptionRule])], _ path: [String]
    ) {
        guard node.members != nil else { return wrongKind(node, "an object", path) }
        let words = variants.map(\.tag)
        guard let member = node.member(tag.name) else {
            return fault(node, path + [tag.name], "it is required", hint: "valid: \(words.joined(separator: ", "))")
        }
        guard let variant = variants.first(where: { member.value.string?.hasSameBytes(as: $0.tag) == true }) else {
            return checkChoice(member.value, words, path + [tag.name])
        }
        checkObject(node, [tag] + variant.members, variant.rules, path)
    }

    private mutating func checkDuplicates(_ members: [JSONNode.Member], _ path: [String]) {
        var seen = Set<ByteString>()
        for member in members where !seen.insert(ByteString(member.name)).inserted {
            faults.append(
                Fault(
                    offset: member.nameRange.lowerBound, path: path + [member.name],
                    message: "this member occurs twice in its object", hint: "remove one of the two"))
        }
    }

    // MARK: Faults

    private mutating func wrongKind(_ node: JSONNode, _ wanted: String, _ path: [String], hint: String? = nil) {
        fault(node, path, "it is \(node.kind), not \(wanted)", hint: hint)
    }

    /// Records a fault.
    package mutating func fault(_ node: JSONNode, _ path: [String], _ message: String, hint: String? = nil) {
        faults.append(Fault(offset: node.range.lowerBound, path: path, message: message, hint: hint))
    }

    private func suggestion(_ text: String, _ words: [String]) -> String? {
        NearestName.to(text, among: words).map { "did you mean \"\($0)\"?" }
    }
}

extension OptionType {
    /// The kind of JSON value in words.
    fileprivate var noun: String {
        switch self {
        case .string, .choice, .duration, .stringOr: "a string"
        case .boolean: "true or false"
        case .integer, .percentage: "a number"
        case .list, .listOr: "an array"
        case .object, .map, .tagged: "an object"
        }
    }

    /// Whether a value has this kind; its contents are not checked.
    fileprivate func isOf(_ node: JSONNode) -> Bool {
        node.kind == noun || (noun == "true or false" && node.kind == "a boolean")
    }
}
