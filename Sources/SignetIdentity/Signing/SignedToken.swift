import SignetJOSE
import SignetSystem

/// A token for the browser or for the backend. They have different types, so that a backend token cannot reach a page.
public enum SignedToken: Sendable {
    /// The customer's browser may have it.
    case browser(BrowserToken)
    /// It must stay on the backend.
    case backend(BackendToken)

    /// The compact serialization. Never log it.
    public var compact: String {
        switch self {
        case .browser(let token): token.compact
        case .backend(let token): token.compact
        }
    }
}

/// A token that a browser may have. Badges are made of these.
public struct BrowserToken: Sendable {
    /// The kind of badge.
    public let kind: BadgeKind
    /// The compact serialization. Never log it.
    public let compact: String
    /// Members of the badge besides those of the widget.
    public let members: [JSONMember]

    /// Declares a token safe for browsers.
    public init(kind: BadgeKind, compact: String, members: [JSONMember] = []) {
        self.kind = kind
        self.compact = compact
        self.members = members
    }
}

/// A token that authorises the backend itself. No ``Badge`` can be made of it.
public struct BackendToken: Sendable {
    /// The compact serialization. Never log it, and never pass it on.
    public let compact: String
    /// The one request that it authorises.
    public let request: VendorRequest

    /// Declares a token that must stay on the backend.
    public init(compact: String, request: VendorRequest) {
        self.compact = compact
        self.request = request
    }
}

/// A complete request to a vendor.
public struct VendorRequest: Sendable {
    /// The HTTP method.
    public let method: String
    /// The absolute URL, without secrets.
    public let url: String
    /// The header fields in their order, `Authorization` included.
    public let headers: [(name: String, value: String)]
    /// The exact bytes of the body: JSON in UTF-8.
    public let body: String

    /// Makes a request.
    public init(method: String, url: String, headers: [(name: String, value: String)], body: String) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension BrowserToken: Redacted {
    /// The kind, without the token.
    public var description: String { "a token for the browser (\(kind.rawValue))" }
}

extension BackendToken: Redacted {
    /// A fixed text without the token.
    public var description: String { "a token for the backend" }
}

extension VendorRequest: Redacted {
    /// Method and URL, without headers and body.
    public var description: String { "\(method) \(url)" }
}
