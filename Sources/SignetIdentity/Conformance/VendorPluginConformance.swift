import SignetJOSE

/// Checks that a plugin keeps the rules of ``VendorPlugin``, for a plugin's own tests.
public enum VendorPluginConformance {
    /// The rules that the declaration breaks, one sentence each; empty for a correct plugin.
    public static func problems<Plugin: VendorPlugin>(of plugin: Plugin.Type) -> [String] {
        let vendor = plugin.vendor
        var problems: [String] = []
        if !StringForm.name.accepts(vendor.name) { problems.append("the vendor's name is not a name") }
        for (what, text) in [("title", vendor.title), ("summary", vendor.summary), ("keyOrigin", vendor.keyOrigin)]
        where !StringForm.text.accepts(text) {
            problems.append("the vendor's \(what) is empty or holds a control character")
        }
        let rotation = vendor.rotation
        for (what, text) in [("place", rotation.place), ("overlap", rotation.overlap)]
        where !StringForm.text.accepts(text) {
            problems.append("the rotation's \(what) is empty or holds a control character")
        }
        for reserved in ["vendor", "key", "keys"] where vendor.options.contains(where: { $0.name == reserved }) {
            problems.append("every connection already has the option \"\(reserved)\"")
        }
        return problems + self.problems(in: .object(vendor.options, rules: vendor.rules), at: "options")
    }

    /// The problems of all members inside a type.
    private static func problems(in type: OptionType, at place: String) -> [String] {
        switch type {
        case .string, .boolean, .integer, .percentage, .duration, .choice: []
        case .list(let element, _): problems(in: element, at: place)
        case .map(_, let values): problems(in: values, at: place)
        case .stringOr(_, let other): problems(in: other, at: place)
        case .listOr(let element, _, let other): problems(in: element, at: place) + problems(in: other, at: place)
        case .object(let members, let rules):
            problems(of: members, at: place) + problems(of: rules, among: members)
        case .tagged(let tag, let variants):
            variants.flatMap { variant in
                problems(in: .object([tag] + variant.members, rules: variant.rules), at: "\(place).\(variant.tag)")
            }
        }
    }

    private static func problems(of options: [OptionDeclaration], at place: String) -> [String] {
        var problems: [String] = []
        var seen = Set<String>()
        for option in options {
            let path = "\(place).\(option.name)"
            if !seen.insert(option.name).inserted { problems.append("\(path) is declared twice") }
            if !AttributeName.isValid(option.name) { problems.append("\(path) is not a valid member name") }
            if option.summary.isEmpty { problems.append("\(path) has no summary") }
            if case .optional(let words) = option.presence, words.isEmpty {
                problems.append("\(path) does not say what happens when it is left out")
            }
            if case .defaults(let value) = option.presence {
                problems += OptionCheck.faults(in: value, as: option.type).map { "\(path)'s default: \($0)" }
            }
            if let example = option.example {
                problems += OptionCheck.faults(in: example, as: option.type).map { "\(path)'s example: \($0)" }
            }
            problems += self.problems(in: option.type, at: path)
        }
        return problems
    }

    private static func problems(of rules: [OptionRule], among options: [OptionDeclaration]) -> [String] {
        let names = options.map(\.name)
        let mentioned = rules.flatMap { rule -> [String] in
            switch rule {
            case .exactlyOne(let members), .atMostOne(let members): members
            case .requires(let member, let other): [member, other]
            }
        }
        return mentioned.filter { !names.contains($0) }.map { "a rule mentions \"\($0)\", which is not an option" }
    }
}
