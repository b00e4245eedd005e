import SignetSystem

/// One value of a mapping: what is sent, and whether it has to be there.
public enum MappedValue: Sendable, Hashable {
    /// Taken from the identity or the request.
    case from(Source, required: Bool)
    /// The same for every customer.
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
    /// - Parameters:
    ///   - place: What the vendor calls the place, for the error: `Talkative field "Email"`.
    ///   - canBeOptional: Whether the vendor's form could do without it, for the hint.
    public func value(
        for customer: Customer, in context: SigningContext, place: @autoclosure () -> String, canBeOptional: Bool = true
    ) throws(SignetError) -> String? {
        switch self {
        case .literal(let text): return text
        case .from(let source, let required):
            let value = source.value(for: customer, in: context)
            if value == nil && required {
                let ways = [
                    source.pointer == nil ? nil : "send it",
                    canBeOptional ? "make the field optional with \"required\": false" : nil,
                ].compactMap { $0 }
                throw SignetError(
                    SigningFault.incomplete, "\(place()) needs \(source.text)",
                    hint: ways.isEmpty ? nil : ways.joined(separator: ", or "), pointer: source.pointer)
            }
            return value
        }
    }
}
