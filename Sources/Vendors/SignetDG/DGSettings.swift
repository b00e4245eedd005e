import SignetIdentity
import SignetJOSE
import SignetSystem

/// One DG widget: what is signed for it, and what its page needs.
public struct DGSettings: Sendable {
    /// The environment of an account.
    public enum Environment: String, Sendable, CaseIterable {
        case eu
        case us
        case devUS = "dev.us"
    }

    /// What `external_id` says.
    public let externalID: MappedValue
    /// How long a token is good for, in seconds.
    public let tokenLifetime: Int64
    /// The widget's id.
    public let widgetID: String?
    /// The account's environment.
    public let environment: Environment?

    /// Makes settings.
    ///
    /// - Throws: ``SignetError`` for a lifetime under a minute or over a day, and for an `external_id` that may be absent
    ///   or is the same for every customer.
    public init(
        externalID: MappedValue = .from(.subject), tokenLifetime: Int64 = 900, widgetID: String? = nil,
        environment: Environment? = nil
    ) throws(SignetError) {
        switch externalID {
        case .from(_, required: false):
            throw SignetError(
                option: "externalId", message: "DG has no token without external_id, so it cannot be optional")
        case .literal, .from(.route, _), .from(.issuedAt, _), .from(.requestID, _):
            throw SignetError(
                option:
                    "externalId", message: "it has to say which customer it is, and this does not",
                hint: "DG finds a customer's conversations by it; the default is \"subject\"")
        default: break
        }
        guard (60...86_400).contains(tokenLifetime) else {
            throw SignetError(option: "tokenLifetime", message: "it is not between 1m and 1d")
        }
        if let widgetID, !StringForm.identifier.accepts(widgetID) {
            throw SignetError(option: "widgetId", message: "a widgetId is \(StringForm.identifier.hint)")
        }
        self.externalID = externalID
        self.tokenLifetime = tokenLifetime
        self.widgetID = widgetID
        self.environment = environment
    }

    /// After how many seconds the page should have fetched the next token.
    var refreshInSeconds: Int64 { tokenLifetime * 4 / 5 }

    /// What the page needs to load the widget.
    var widget: Widget {
        var members: [JSONMember] = []
        if let widgetID { members.append(JSONMember("widgetId", .string(widgetID))) }
        if let environment { members.append(JSONMember("env", .string(environment.rawValue))) }
        members.append(JSONMember("script", "https://chat.digitalgenius.com/init.js"))
        let missing = [widgetID == nil ? "\"widgetId\"" : nil, environment == nil ? "\"env\"" : nil].compactMap { $0 }
        guard !missing.isEmpty else { return Widget(members) }
        return Widget(
            members, gaps: ["\(missing.joined(separator: " and ")) left out: the page has to know it by itself"])
    }
}
