import SignetJOSE

/// The browser-safe thing a page shows its chat widget.
///
/// A badge is made of a ``BrowserToken``, of a session id, or of nothing. A ``BackendToken`` fits nowhere.
public struct Badge: Sendable {
    /// What the page has to do with it.
    public let kind: BadgeKind
    /// What the page hands to the widget. Never log it.
    public let value: String?
    private let members: [JSONMember]
    private let hasValue: Bool

    private init(kind: BadgeKind, value: String?, hasValue: Bool, members: [JSONMember]) {
        self.kind = kind
        self.value = value
        self.hasValue = hasValue
        self.members = members
    }

    /// The badge of a token that a browser may hold.
    public init(_ token: BrowserToken, on widget: Widget) {
        self.init(kind: token.kind, value: token.compact, hasValue: true, members: widget.members + token.members)
    }

    /// The badge of a session that the backend has made; of none yet, its value is null.
    public init(session: SessionID?, kind: BadgeKind, on widget: Widget) {
        self.init(kind: kind, value: session?.text, hasValue: true, members: widget.members)
    }

    /// The badge of a stranger, for whom there is nothing to show.
    public static func none(on widget: Widget) -> Badge {
        Badge(kind: .none, value: nil, hasValue: false, members: widget.members)
    }

    /// The badge as the page gets it.
    public var json: JSONValue {
        var all = [JSONMember("kind", .string(kind.rawValue))]
        if hasValue { all.append(JSONMember("value", value.map(JSONValue.string) ?? .null)) }
        return .object(all + members)
    }
}

/// What a page has to do with a badge. An open set: plugins bring their own.
public struct BadgeKind: RawRepresentable, Sendable, Hashable {
    /// The word, in camel case.
    public let rawValue: String

    /// A kind of your own.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// There is nothing to show: a stranger.
    public static let none = BadgeKind(rawValue: "none")
}

/// What a page has to know to load the widget itself.
public struct Widget: Sendable {
    /// The members in the order in which they are written.
    public let members: [JSONMember]
    /// What the configuration left out, and what the page cannot do for it: `check` says so.
    public let gaps: [String]

    /// Makes a widget's members. One that is null was left out by the configuration, and the badge leaves it out too.
    public init(_ members: [JSONMember], gaps: [String] = []) {
        self.members = members.filter { $0.value != .null }
        self.gaps = gaps
    }
}

extension Badge: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind, without the value.
    public var description: String { "a badge (\(kind.rawValue))" }
    /// The kind, without the value.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
