import Foundation
import SignetJOSE

/// The part of JSON Schema (draft 2020-12) that our schema uses. An unknown keyword is an error, so the schema cannot outgrow its
/// test.
struct SchemaCheck {
    struct UnknownKeyword: Error {
        let keyword: String
    }

    private static let annotations = ["$schema", "title", "description", "default", "examples"]

    static func accepts(_ value: JSONValue, _ schema: JSONValue) throws -> Bool {
        for keyword in schema.members ?? [] where !annotations.contains(keyword.name) {
            guard try holds(keyword.name, keyword.value, value, schema) else { return false }
        }
        return true
    }

    private static func holds(
        _ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ schema: JSONValue
    ) throws -> Bool {
        switch keyword {
        case "type": return argument.string == type(of: value) || argument == "number" && type(of: value) == "integer"
        case "enum": return argument.array?.contains(value) == true
        case "pattern": return try value.string.map { try matches($0, argument.string ?? "") } ?? true
        case "minimum": return number(value).map { $0 >= number(argument) ?? 0 } ?? true
        case "maximum": return number(value).map { $0 <= number(argument) ?? 0 } ?? true
        case "items": return try (value.array ?? []).allSatisfy { try accepts($0, argument) }
        case "minItems": return value.array.map { Int64($0.count) >= argument.integer ?? 0 } ?? true
        case "required":
            return value.members == nil || (argument.array ?? []).allSatisfy { value[$0.string ?? ""] != nil }
        case "properties":
            return try (argument.members ?? []).allSatisfy { property in
                try value[property.name].map { try accepts($0, property.value) } ?? true
            }
        case "propertyNames":
            return try (value.members ?? []).allSatisfy { try accepts(.string($0.name), argument) }
        case "additionalProperties":
            let known = schema["properties"]?.members?.map(\.name) ?? []
            let others = (value.members ?? []).filter { !known.contains($0.name) }
            return argument == false ? others.isEmpty : try others.allSatisfy { try accepts($0.value, argument) }
        case "dependentRequired":
            return (argument.members ?? []).allSatisfy { rule in
                value[rule.name] == nil || (rule.value.array ?? []).allSatisfy { value[$0.string ?? ""] != nil }
            }
        case "allOf": return try (argument.array ?? []).allSatisfy { try accepts(value, $0) }
        case "anyOf": return try (argument.array ?? []).contains { try accepts(value, $0) }
        case "oneOf": return try (argument.array ?? []).filter { try accepts(value, $0) }.count == 1
        case "if":
            let branch = try accepts(value, argument) ? "then" : "else"
            return try schema[branch].map { try accepts(value, $0) } ?? true
        case "then", "else": return schema["if"] != nil
        case "not": return try !accepts(value, argument)
        default: throw UnknownKeyword(keyword: keyword)
        }
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean: "boolean"
        case .number(let number): number.integer == nil ? "number" : "integer"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        guard case .number(let number) = value else { return nil }
        return Double(number.text)
    }

    /// Our patterns are anchored at both ends, so the whole text has to match.
    private static func matches(_ text: String, _ pattern: String) throws -> Bool {
        let whole = NSRange(location: 0, length: text.utf16.count)
        return try NSRegularExpression(pattern: pattern).firstMatch(in: text, range: whole)?.range == whole
    }
}
