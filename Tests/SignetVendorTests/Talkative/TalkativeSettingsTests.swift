import SignetIdentity
import SignetSystem
import SignetTalkative
import Testing

/// The options of a Talkative connection: defaults and refused values.
@Suite struct TalkativeSettingsTests {
    @Test func defaultsAreUsed() throws {
        let settings = try TalkativePlugin.settings(json: "{}".utf8)
        #expect(settings.fields.map(\.label) == ["Customer ID", "Name", "Email", "Phone"])
        #expect(
            settings.fields.map(\.value) == [
                .from(.subject), .from(.name, required: false), .from(.email, required: false),
                .from(.phone, required: false),
            ])
        #expect(settings.api == .standby)
        #expect(settings.region == nil)
        #expect(settings.widgetID == nil)
        #expect(!settings.includesKeyID)
        #expect(settings.type == nil)
    }

    @Test(arguments: [
        (#"{"fields": []}"#, "fields", "it is empty"),
        (#"{"fields": [{"from": "subject"}]}"#, "fields.0.label", "it is required"),
        (#"{"fields": [{"label": "", "from": "subject"}]}"#, "fields.0.label", #""" is not a text"#),
        (#"{"fields": [{"label": "a\nb", "from": "subject"}]}"#, "fields.0.label", #""a\nb" is not a text"#),
        (#"{"fields": [{"label": "a"}]}"#, "fields.0", #"it needs "from" or "value""#),
        (
            #"{"fields": [{"label": "a", "from": "subject", "value": "b"}]}"#, "fields.0",
            #"only one of "from" and "value" can be there"#
        ),
        (
            #"{"fields": [{"label": "a", "value": "b", "required": false}]}"#, "fields.0.required",
            #"it goes with "from", which is missing"#
        ),
        (#"{"fields": [{"label": "a", "from": "mail"}]}"#, "fields.0.from", #""mail" is not a source"#),
        (#"{"fields": [{"label": "a", "value": ""}]}"#, "fields.0.value", #""" is not a text"#),
        (
            #"{"fields": [{"label": "a", "from": "subject", "type": "string"}]}"#, "fields.0.type",
            "there is no member of this name"
        ),
        (
            #"{"fields": [{"label": "a", "from": "subject"}, {"label": "a", "from": "email"}]}"#, "fields.1.label",
            "this label occurs twice"
        ),
        (#"{"region": "uk"}"#, "region", #""uk" is not one of eu, us, au"#),
        (#"{"widgetId": "../x"}"#, "widgetId", #""../x" is not an id"#),
        (#"{"api": "startChat"}"#, "api", #""startChat" is not one of standby, engage"#),
        (#"{"includeKeyId": "true"}"#, "includeKeyId", "it is a string, not true or false"),
        (#"{"typ": ""}"#, "typ", #""" is not a text"#),
    ])
    func refusedOptionsAreNamed(options: String, path: String, message: String) {
        let fault = #expect(throws: SignetError.self) { try TalkativePlugin.settings(json: options.utf8) }
        #expect(fault?.optionPath.joined(separator: ".") == path)
        #expect(fault?.reason == message)
    }

    struct InCode: Sendable {
        let path: [String]
        let make: @Sendable () throws -> TalkativeSettings
    }

    static let inCode = [
        InCode(path: ["fields"]) { try TalkativeSettings(fields: []) },
        InCode(path: ["fields", "1", "label"]) {
            try TalkativeSettings(fields: [.init("a", .from(.subject)), .init("", .from(.email))])
        },
        InCode(path: ["fields", "1", "label"]) {
            try TalkativeSettings(fields: [.init("a", .from(.subject)), .init("a", .from(.email))])
        },
        InCode(path: ["widgetId"]) { try TalkativeSettings(widgetID: "a b") },
        InCode(path: ["typ"]) { try TalkativeSettings(type: "") },
    ]

    @Test(arguments: inCode.indices)
    func settingsMadeInCodeAreChecked(index: Int) {
        let fault = #expect(throws: SignetError.self) { try Self.inCode[index].make() }
        #expect(fault?.optionPath == Self.inCode[index].path)
    }

    @Test func labelsAreComparedByteForByte() throws {
        let fields = [
            TalkativeSettings.Field("caf\u{E9}", .from(.subject)), .init("cafe\u{301}", .from(.email)),
        ]
        #expect(try TalkativeSettings(fields: fields).fields.count == 2)
    }

    @Test(arguments: [
        ("{}", [#""widgetId" and "region" left out: the badge carries no script to load"#]),
        (#"{"region": "eu"}"#, [#""widgetId" left out: the badge carries no script to load"#]),
        (#"{"widgetId": "w"}"#, [#""region" left out: the badge carries no script to load"#]),
        (#"{"widgetId": "w", "region": "eu"}"#, []),
    ])
    func membersMissingForThePageAreListed(options: String, gaps: [String]) throws {
        #expect(try TestVendor.talkative.connection(options).widget.gaps == gaps)
    }
}
