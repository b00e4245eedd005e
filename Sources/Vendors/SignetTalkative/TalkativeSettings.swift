import SignetIdentity
import SignetJOSE
import SignetSystem

/// The settings of one Talkative widget.
public struct TalkativeSettings: Sendable {
    /// The region of an account.
    public enum Region: String, Sendable, CaseIterable {
        case eu, us, au
    }

    /// The API with which the page passes the signed data to the widget.
    public enum PageAPI: String, Sendable, CaseIterable {
        /// The current API: `talkativeApi.interactionData.setSignedInteractionData` in `enterStandby`.
        case standby
        /// The older API: `TalkativeEngageApi.startChat({signedInteractionData})` and the element's property.
        case engage
    }

    /// One entry of the signed array.
    public struct Field: Sendable {
        /// The exact name of the field in the portal.
        public let label: String
        /// The value that is sent in it.
        public let value: MappedValue

        /// Makes a field.
        public init(_ label: String, _ value: MappedValue) {
            self.label = label
            self.value = value
        }
    }

    /// The entries in their order.
    public let fields: [Field]
    /// The widget's configUuid.
    public let widgetID: String?
    /// The account's region.
    public let region: Region?
    /// The API that the page uses.
    public let api: PageAPI
    /// Whether the header names the key's `kid`.
    public let includesKeyID: Bool
    /// The header's `typ`.
    public let type: String?

    /// The entries without configuration.
    public static let defaultFields = [
        Field("Customer ID", .from(.subject)),
        Field("Name", .from(.name, required: false)),
        Field("Email", .from(.email, required: false)),
        Field("Phone", .from(.phone, required: false)),
    ]

    /// Makes settings.
    ///
    /// - Throws: ``SignetError`` if there is no field, a label is empty or occurs twice, or an id or `typ` is malformed.
    public init(
        fields: [Field] = defaultFields, widgetID: String? = nil, region: Region? = nil, api: PageAPI = .standby,
        includesKeyID: Bool = false, type: String? = nil
    ) throws(SignetError) {
        if fields.isEmpty { throw SignetError(option: "fields", message: "it is empty") }
        for (index, field) in fields.enumerated() {
            try StringForm.text.check(field.label, "a label", at: "fields", "\(index)", "label")
            if fields[..<index].contains(where: { Array($0.label.utf8) == Array(field.label.utf8) }) {
                throw SignetError(
                    option: "fields", "\(index)", "label", message: "this label occurs twice",
                    hint: "Talkative tells fields apart by their labels")
            }
        }
        if let widgetID { try StringForm.identifier.check(widgetID, "a widgetId", at: "widgetId") }
        if let type { try StringForm.text.check(type, "a typ", at: "typ") }
        self.fields = fields
        self.widgetID = widgetID
        self.region = region
        self.api = api
        self.includesKeyID = includesKeyID
        self.type = type
    }

    /// The members that the page needs to load the widget.
    var widget: Widget {
        var members: [JSONMember] = []
        if let widgetID { members.append(JSONMember("widgetId", .string(widgetID))) }
        if let region { members.append(JSONMember("region", .string(region.rawValue))) }
        members.append(JSONMember("api", .string(api.rawValue)))
        if let widgetID, let region {
            let script = "https://\(region.rawValue).engage.app/api/ecs/v1/loader/\(widgetID).js"
            members.append(JSONMember("script", .string(script)))
            return Widget(members)
        }
        let missing = [widgetID == nil ? "\"widgetId\"" : nil, region == nil ? "\"region\"" : nil].compactMap { $0 }
        return Widget(
            members, gaps: ["\(missing.joined(separator: " and ")) left out: the badge carries no script to load"])
    }
}
