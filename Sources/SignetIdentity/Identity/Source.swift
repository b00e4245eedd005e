/// Where a value that is sent to a vendor comes from.
public enum Source: Sendable, Hashable {
    case subject
    case email
    case name
    case phone
    /// One of the customer's attributes.
    case attribute(String)
    /// The moment of signing, in RFC 3339.
    case issuedAt
    /// The id of the request that asked for the signature.
    case requestID
    /// The route that was asked for.
    case route

    private static let fixed: [(String, Source)] = [
        ("subject", .subject), ("email", .email), ("name", .name), ("phone", .phone),
        ("issuedAt", .issuedAt), ("requestId", .requestID), ("route", .route),
    ]

    /// The names a configuration can use; `attributes.X` stands for any attribute.
    package static let names = fixed.map(\.0) + ["attributes.X"]
    /// The same as a regular expression, for the JSON Schema.
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

    /// Where the missing value would stand in a request, as a JSON Pointer; nil for what no request says.
    var pointer: String? {
        switch self {
        case .attribute(let name): "/attributes/\(name)"
        case .subject, .email, .name, .phone: "/\(text)"
        case .issuedAt, .requestID, .route: nil
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
