import SignetJOSE

extension OptionType {
    /// The kind of JSON value in words, for types that stand beside a string.
    var noun: String {
        switch self {
        case .string, .choice, .duration, .stringOr: "a string"
        case .boolean: "true or false"
        case .integer, .percentage: "a number"
        case .list, .listOr: "an array"
        case .object, .map, .tagged: "an object"
        }
    }

    /// Whether a value is of this kind, whatever stands in it.
    func isOf(_ node: JSONNode) -> Bool {
        node.kind == noun || (noun == "true or false" && node.kind == "a boolean")
    }
}
