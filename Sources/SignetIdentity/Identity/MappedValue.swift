import SignetJOSE
import SignetSystem

/// A value that is sent to a vendor: its source, and whether it is required.
public enum MappedValue: Sendable, Hashable {
    /// Taken from the identity or the request.
    case from(Source, required: Bool)
    /// The same for every customer.
    case literal(String)

    /// Taken from `source`, and required.
    public static func from(_ source: Source) -> MappedValue {
        .from(source, required: true)
    }

    /// The source, unless this is a literal.
    public var source: Source? {
        if case .from(let source, _) = self { source } else { nil }
    }

    /// The value for a customer; nil if it is optional and absent.
    ///
    /// - Parameters:
    ///   - place: The vendor's name for this value, for the error: `Talkative field "Email"`.
    ///   - canBeOptional: Whether the configuration could make it optional, for the hint.
    /// - Throws: ``SigningFault/incomplete`` if it is required and absent.
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

extension MappedValue {
    /// Reads a source, `{"from": …, "required": …}` or `{"value": …}`, and ignores other members.
    public init?(_ json: JSONValue) {
        if let text = json.string {
            guard let source = Source(text) else { return nil }
            self = .from(source)
        } else if let literal = json["value"]?.string {
            self = .literal(literal)
        } else if let source = json["from"]?.string.flatMap(Source.init) {
            self = .from(source, required: json["required"] != .boolean(false))
        } else {
            return nil
        }
    }
}

/// The origin of a value that is sent to a vendor.
public enum Source: Sendable, Hashable {
    case subject
    case email
    case name
    case phone
    /// One of the customer's attributes.
    case attribute(String)
    /// The time of signing, in RFC 3339.
    case issuedAt
    /// The id of the request.
    case requestID
    /// The requested route.
    case route

    private static let fixed: [(String, Source)] = [
        ("subject", .subject), ("email", .email), ("name", .name), ("phone", .phone),
        ("issuedAt", .issuedAt), ("requestId", .requestID), ("route", .route),
    ]

    /// The names in a configuration; `attributes.X` stands for any attribute.
    package static let names = fixed.map(\.0) + ["attributes.X"]
    /// The names as a regular expression, for the JSON Schema.
    package static let pattern = "^(\(fixed.map(\.0).joined(separator: "|"))|attributes\\.\(AttributeName.pattern))$"

    /// Reads a source as the configuration writes it.
    public init?(_ text: String) {
        if let found = Self.fixed.first(where: { $0.0 == text }) {
            self = found.1
            return
        }
        let prefix = "attributes."
        guard text.hasPrefix(prefix), AttributeName.isValid(text.dropFirst(prefix.count)) else { return nil }
        self = .attribute(String(text.dropFirst(prefix.count)))
    }

    /// The source as the configuration writes it.
    public var text: String {
        if case .attribute(let name) = self { return "attributes.\(name)" }
        return Self.fixed.first { $0.1 == self }?.0 ?? ""
    }

    /// The member of a request, as a JSON Pointer; nil for a value that is not in a request.
    var pointer: String? {
        switch self {
        case .attribute(let name): "/attributes/\(name)"
        case .subject, .email, .name, .phone: "/\(text)"
        case .issuedAt, .requestID, .route: nil
        }
    }

    /// Whether a customer has this value. A value that is not the customer's counts as absent.
    package func isPresent(in customer: Customer) -> Bool {
        switch self {
        case .subject: true
        case .email: customer.email != nil
        case .name: customer.name != nil
        case .phone: customer.phone != nil
        case .attribute(let name): customer.attributes[name] != nil
        case .issuedAt, .requestID, .route: false
        }
    }

    /// The value for a customer, if there is one.
    package func value(for customer: Customer, in context: SigningContext) -> String? {
        switch self {
        case .subject: customer.subject
        case .email: customer.email
        case .name: customer.name
        case .phone: customer.phone
        case .attribute(let name): customer.attributes[name]
        case .issuedAt: context.time.rfc3339
        case .requestID: context.requestID
        case .route: context.route
        }
    }
}
