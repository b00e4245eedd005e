import SignetJOSE

/// A token and who may hold it: that is part of its type, so that one cannot be taken for the other.
public enum SignedToken: Sendable {
    /// May be given to the customer's browser.
    case browser(BrowserToken)
    /// Stays on the backend, whatever happens.
    case backend(BackendToken)

    /// The compact serialization. Never log it.
    public var compact: String {
        switch self {
        case .browser(let token): token.compact
        case .backend(let token): token.compact
        }
    }
}

/// A token that a browser may hold. Badges are made of these.
public struct BrowserToken: Sendable {
    /// What the vendor's page calls it.
    public let kind: BadgeKind
    /// The compact serialization. Never log it.
    public let compact: String
    /// What the page has to know about this token, besides the widget's own members.
    public let members: [JSONMember]

    /// Declares a token fit for a browser.
    public init(kind: BadgeKind, compact: String, members: [JSONMember] = []) {
        self.kind = kind
        self.compact = compact
        self.members = members
    }
}

/// A token that authorises the backend itself. There is no way from here to a ``Badge``.
public struct BackendToken: Sendable {
    /// The compact serialization. Never log it, and never give it away.
    public let compact: String
    /// The one request it is for, ready to be sent.
    public let request: VendorRequest

    /// Declares a token that stays on the backend.
    public init(compact: String, request: VendorRequest) {
        self.compact = compact
        self.request = request
    }
}

/// A request to a vendor, ready to be sent as it stands.
public struct VendorRequest: Sendable {
    /// The HTTP method.
    public let method: String
    /// The absolute URL, https. Holds no secret.
    public let url: String
    /// The header fields in their order. `Authorization` is one of them.
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

extension BrowserToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What kind of token it is, without the token.
    public var description: String { "a token for the browser (\(kind.rawValue))" }
    /// What kind of token it is, without the token.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension BackendToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What kind of token it is, without the token.
    public var description: String { "a token for the backend" }
    /// What kind of token it is, without the token.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension VendorRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and URL, without headers and body.
    public var description: String { "\(method) \(url)" }
    /// Method and URL, without headers and body.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
