import SignetJOSE
import SignetSystem

/// The browser-safe result that a page hands to its chat widget.
///
/// A badge is made of a ``BrowserToken``, of a session id, or without a value. It cannot be made of a ``BackendToken``.
public struct Badge: Sendable {
    /// The kind, which decides how the page uses the value.
    public let kind: BadgeKind
    /// The value for the widget. Never log it.
    public let value: String?
    private let members: [JSONMember]
    private let hasValue: Bool

    private init(kind: BadgeKind, value: String?, hasValue: Bool, members: [JSONMember]) {
        self.kind = kind
        self.value = value
        self.hasValue = hasValue
        self.members = members
    }

    /// Makes the badge of a token.
    public init(_ token: BrowserToken, on widget: Widget) {
        self.init(kind: token.kind, value: token.compact, hasValue: true, members: widget.members + token.members)
    }

    /// Makes the badge of a session that the backend created. Without a session, its value is null.
    public init(session: SessionID?, kind: BadgeKind, on widget: Widget) {
        self.init(kind: kind, value: session?.text, hasValue: true, members: widget.members)
    }

    /// The badge of an anonymous visitor, which has no value.
    public static func none(on widget: Widget) -> Badge {
        Badge(kind: .none, value: nil, hasValue: false, members: widget.members)
    }

    /// The JSON for the page.
    public var json: JSONValue {
        var all = [JSONMember("kind", .string(kind.rawValue))]
        if hasValue { all.append(JSONMember("value", value.map(JSONValue.string) ?? .null)) }
        return .object(all + members)
    }
}

/// The kind of a badge. Plugins can add kinds.
public struct BadgeKind: RawRepresentable, Sendable, Hashable {
    /// The name, in camel case.
    public let rawValue: String

    /// Makes a kind.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A badge without a value, for an anonymous visitor.
    public static let none = BadgeKind(rawValue: "none")
}

/// The members of a badge from which the page loads the vendor's widget.
public struct Widget: Sendable {
    /// The members in the order in which they are written.
    public let members: [JSONMember]
    /// Members that the configuration lacks, and the consequence for the page. `signet check` shows them.
    public let gaps: [String]

    /// Makes a widget's members. A member that is null is left out.
    public init(_ members: [JSONMember], gaps: [String] = []) {
        self.members = members.filter { $0.value != .null }
        self.gaps = gaps
    }
}

extension Badge: Redacted {
    /// The kind, without the value.
    public var description: String { "a badge (\(kind.rawValue))" }
}
