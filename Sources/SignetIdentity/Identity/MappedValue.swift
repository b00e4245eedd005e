/// One value of a mapping: what is sent, and whether it has to be there.
public enum MappedValue: Sendable, Hashable {
    /// Taken from the identity or the request.
    case from(Source, required: Bool)
    /// The same for everybody.
    case literal(String)

    /// Taken from `source`, which has to be there.
    public static func from(_ source: Source) -> MappedValue {
        .from(source, required: true)
    }

    /// The source, unless this is a literal.
    public var source: Source? {
        if case .from(let source, _) = self { source } else { nil }
    }

    /// The value for a customer, or nil where an optional one is absent.
    ///
    /// - Parameter place: What the vendor calls the place, for the error: `Talkative field "Email"`.
    public func value(
        for customer: Customer, in context: SigningContext, place: @autoclosure () -> String
    ) throws(SigningError) -> String? {
        switch self {
        case .literal(let text): return text
        case .from(let source, let required):
            let value = source.value(for: customer, in: context)
            if value == nil && required {
                let optional = "make the field optional with \"required\": false"
                throw SigningError(
                    .incomplete, "\(place()) needs \(source.text)",
                    hint: source.pointer == nil ? optional : "send it, or \(optional)", pointer: source.pointer)
            }
            return value
        }
    }
}
