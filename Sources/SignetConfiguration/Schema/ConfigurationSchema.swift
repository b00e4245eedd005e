import SignetIdentity
import SignetJOSE

/// The JSON Schema (draft 2020-12) of the configuration, made from the declarations that the reader checks with.
public enum ConfigurationSchema {
    /// The schema for configurations of these vendors.
    public static func json(plugins: [any VendorPlugin.Type]) -> JSONValue {
        let root = schema(of: ConfigurationDeclaration.root(for: plugins.map { $0.vendor }))
        let head: [JSONMember] = [
            JSONMember("$schema", "https://json-schema.org/draft/2020-12/schema"),
            JSONMember("title", "Signet configuration"),
            JSONMember("description", "signet.json; comments and trailing commas are allowed on top of JSON."),
        ]
        return .object(head + root)
    }

    /// The schema of one option, as `vendors --output json` shows it.
    package static func json(of option: OptionDeclaration) -> JSONValue {
        .object(schema(of: option.type))
    }

    private static func schema(of type: OptionType) -> [JSONMember] {
        switch type {
        case .string(let form): [JSONMember("type", "string"), JSONMember("pattern", .string(form.pattern))]
        case .boolean: [JSONMember("type", "boolean")]
        case .integer(let range):
            [
                JSONMember("type", "integer"), JSONMember("minimum", .number(JSONNumber(range.lowerBound))),
                JSONMember("maximum", .number(JSONNumber(range.upperBound))),
            ]
        case .percentage: [JSONMember("type", "number"), JSONMember("minimum", 0), JSONMember("maximum", 100)]
        case .duration(let range):
            [JSONMember("type", "string"), JSONMember("pattern", .string(DurationPattern.text(range)))]
        case .choice(let words): [JSONMember("enum", .array(words.map(JSONValue.string)))]
        case .list(let element, let minimum):
            [
                JSONMember("type", "array"), JSONMember("items", .object(schema(of: element))),
                JSONMember("minItems", .number(JSONNumber(minimum))),
            ]
        case .object(let members, let rules): object(members, rules)
        case .map(let names, let values):
            [
                JSONMember("type", "object"),
                JSONMember("propertyNames", ["pattern": .string(names.pattern)]),
                JSONMember("additionalProperties", .object(schema(of: values))),
            ]
        case .stringOr(let form, let other): either("string", .string(form), other)
        case .listOr(let element, let minimum, let other): either("array", .list(element, minimum: minimum), other)
        case .tagged(let tag, let variants):
            [
                JSONMember("type", "object"), JSONMember("properties", [tag.name: property(tag)]),
                JSONMember("required", [.string(tag.name)]),
                JSONMember(
                    "allOf",
                    .array(
                        variants.map { variant in
                            let own = OptionDeclaration(tag.name, .choice([variant.tag]), .required, tag.summary)
                            return [
                                "if": [
                                    "properties": [tag.name: .object(schema(of: own.type))],
                                    "required": [.string(tag.name)],
                                ],
                                "then": .object(object([own] + variant.members, variant.rules)),
                            ]
                        })),
            ]
        }
    }

    /// One schema for values of a JSON type and another for all other values. With "oneOf" a validator could only report that neither
    /// fits. With "if" it reports the place of the fault.
    private static func either(_ type: JSONValue, _ first: OptionType, _ second: OptionType) -> [JSONMember] {
        [
            JSONMember("if", ["type": type]), JSONMember("then", .object(schema(of: first))),
            JSONMember("else", .object(schema(of: second))),
        ]
    }

    private static func object(_ members: [OptionDeclaration], _ rules: [OptionRule]) -> [JSONMember] {
        let properties = members.map { JSONMember($0.name, property($0)) }
        let required = members.compactMap { declaration -> JSONValue? in
            if case .required = declaration.presence { .string(declaration.name) } else { nil }
        }
        var schema = [JSONMember("type", "object"), JSONMember("properties", .object(properties))]
        if !required.isEmpty { schema.append(JSONMember("required", .array(required))) }
        schema.append(JSONMember("additionalProperties", false))
        if !rules.isEmpty { schema.append(JSONMember("allOf", .array(rules.map(rule)))) }
        return schema
    }

    private static func property(_ declaration: OptionDeclaration) -> JSONValue {
        var description = declaration.summary
        switch declaration.type {
        case .duration(let range):
            description += " From \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))."
        // "multipleOf" is computed in floating point and would refuse valid decimals.
        case .percentage: description += " 0 to 100, with at most three decimals."
        default: break
        }
        if case .optional(let words) = declaration.presence { description += " Left out: \(words)." }
        var members = [
            JSONMember("title", .string(declaration.name)), JSONMember("description", .string(description)),
        ]
        members += schema(of: declaration.type)
        if case .defaults(let value) = declaration.presence { members.append(JSONMember("default", value)) }
        if let example = declaration.example { members.append(JSONMember("examples", [example])) }
        return .object(members)
    }

    private static func rule(_ rule: OptionRule) -> JSONValue {
        func requires(_ names: [String]) -> JSONValue { ["required": .array(names.map(JSONValue.string))] }
        switch rule {
        case .exactlyOne(let names):
            return ["oneOf": .array(names.map { requires([$0]) })]
        case .atMostOne(let names):
            let pairs = names.enumerated().flatMap { index, name in
                names[(index + 1)...].map { requires([name, $0]) }
            }
            return ["not": ["anyOf": .array(pairs)]]
        case .requires(let name, let other):
            return ["dependentRequired": [name: [.string(other)]]]
        }
    }
}

/// Regular expressions for durations in a range.
enum DurationPattern {
    /// The pattern of durations in a range of milliseconds: for each unit, the whole numbers in the range.
    static func text(_ range: ClosedRange<Int64>) -> String {
        let units = DurationText.units.compactMap { unit -> String? in
            let low = (range.lowerBound + unit.milliseconds - 1) / unit.milliseconds
            let high = range.upperBound / unit.milliseconds
            return low <= high ? "(?:\(numbers(low, high)))\(unit.suffix)" : nil
        }
        return "^0*(?:\(units.joined(separator: "|")))$"
    }

    /// The pattern of the numbers in a range, by their count of digits.
    private static func numbers(_ low: Int64, _ high: Int64) -> String {
        var found: [String] = []
        var (start, end): (Int64, Int64) = (0, 9)
        while start <= high {
            let (from, to) = (max(low, start), min(high, end))
            if from <= to { found += numbers(digits(from)[...], digits(to)[...]) }
            (start, end) = (end + 1, end * 10 + 9)
        }
        return found.joined(separator: "|")
    }

    /// The same for numbers of one length. Each alternative is a first digit, or a range of them, and the digits that can follow.
    private static func numbers(_ low: ArraySlice<Int64>, _ high: ArraySlice<Int64>) -> [String] {
        guard let first = low.first, let last = high.first else { return [""] }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        let (startsFull, endsFull) = (lowRest.allSatisfy { $0 == 0 }, highRest.allSatisfy { $0 == 9 })
        if first == last && !(startsFull && endsFull) { return numbers(lowRest, highRest).map { "\(first)\($0)" } }
        let nines = [Int64](repeating: 9, count: lowRest.count)[...]
        let zeros = [Int64](repeating: 0, count: lowRest.count)[...]
        var found = startsFull ? [] : numbers(lowRest, nines).map { "\(first)\($0)" }
        let (from, to) = (startsFull ? first : first + 1, endsFull ? last : last - 1)
        if from <= to {
            let any = lowRest.isEmpty ? "" : lowRest.count == 1 ? "[0-9]" : "[0-9]{\(lowRest.count)}"
            found.append((from == to ? "\(from)" : "[\(from)-\(to)]") + any)
        }
        return found + (endsFull ? [] : numbers(zeros, highRest).map { "\(last)\($0)" })
    }

    private static func digits(_ number: Int64) -> [Int64] {
        String(number).utf8.map { Int64($0 - UInt8(ascii: "0")) }
    }
}
