import SignetIdentity
import SignetJOSE
import SignetSystem

/// One Talkative widget: what is signed for it, and what its page needs.
public struct TalkativeSettings: Sendable {
    /// The region of an account.
    public enum Region: String, Sendable, CaseIterable {
        case eu, us, au
    }

    /// The API by which the page hands the signed data over.
    public enum PageAPI: String, Sendable, CaseIterable {
        /// `talkativeApi.interactionData.setSignedInteractionData` in `enterStandby`: the current one.
        case standby
        /// `TalkativeEngageApi.startChat({signedInteractionData})` and the element's property: the older one.
        case engage
    }

    /// One entry of the signed array.
    public struct Field: Sendable {
        /// The field's name in the portal, letter by letter.
        public let label: String
        /// What is said in it.
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
    /// The API the page uses.
    public let api: PageAPI
    /// Whether the key's `kid` stands in the header.
    public let includesKeyID: Bool
    /// The header's `typ`.
    public let type: String?

    /// What is signed where nothing else is said.
    public static let defaultFields = [
        Field("Customer ID", .from(.subject)),
        Field("Name", .from(.name, required: false)),
        Field("Email", .from(.email, required: false)),
        Field("Phone", .from(.phone, required: false)),
    ]

    /// Makes settings.
    ///
    /// - Throws: ``SignetError`` where there is no field, a label is empty or stands twice, or an id or `typ` has another form.
    public init(
        fields: [Field] = defaultFields, widgetID: String? = nil, region: Region? = nil, api: PageAPI = .standby,
        includesKeyID: Bool = false, type: String? = nil
    ) throws(SignetError) {
        if fields.isEmpty { throw SignetError(option: "fields", message: "it is empty") }
        for (index, field) in fields.enumerated() {
            guard StringForm.text.accepts(field.label) else {
                throw SignetError(option: "fields", "\(index)", "label", message: "a label is \(StringForm.text.hint)")
            }
            if fields[..<index].contains(where: { Array($0.label.utf8) == Array(field.label.utf8) }) {
                throw SignetError(
                    option:
                        "fields", "\(index)", "label", message: "this label stands twice",
                    hint: "Talkative tells fields apart by their labels")
            }
        }
        if let widgetID, !StringForm.identifier.accepts(widgetID) {
            throw SignetError(option: "widgetId", message: "a widgetId is \(StringForm.identifier.hint)")
        }
        if let type, !StringForm.text.accepts(type) {
            throw SignetError(option: "typ", message: "a typ is \(StringForm.text.hint)")
        }
        self.fields = fields
        self.widgetID = widgetID
        self.region = region
        self.api = api
        self.includesKeyID = includesKeyID
        self.type = type
    }

    /// What the page needs to load the widget.
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
