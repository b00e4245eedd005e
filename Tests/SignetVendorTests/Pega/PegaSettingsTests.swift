import SignetIdentity
import SignetPega
import SignetSystem
import Testing

/// The options of a Pega connection: defaults and refused values.
@Suite struct PegaSettingsTests {
    @Test func defaultsAreUsed() throws {
        let settings = try PegaPlugin.settings(json: #"{"region": "ca", "widgetId": "w"}"#.utf8)
        #expect(settings.origin.text == "https://widget.ca.chat.pega.digital")
        #expect(settings.region == .ca)
        #expect(settings.sessions == .create)
        #expect(settings.tokenLifetime == 300)
        #expect(settings.customerID == .from(.subject))
        #expect(settings.privateData.map(\.name) == ["customerId", "externalUserId"])
        #expect(settings.privateData.map(\.value) == [.from(.subject), .from(.subject)])
        let inCode = try PegaSettings(location: .region(.ca), widgetID: "w")
        #expect(inCode.tokenLifetime == settings.tokenLifetime)
        #expect(inCode.privateData.map(\.name) == settings.privateData.map(\.name))
    }

    @Test(arguments: [
        (#""tokenLifetime": "1s""#, 1), (#""tokenLifetime": "2000ms""#, 2), (#""tokenLifetime": "300s""#, 300),
    ])
    func lifetimesAreWholeSeconds(option: String, seconds: Int64) throws {
        let settings = try PegaPlugin.settings(json: #"{"region": "uk", "widgetId": "w", \#(option)}"#.utf8)
        #expect(settings.tokenLifetime == seconds)
    }

    @Test(arguments: [
        (#"{"widgetId": "w"}"#, "", #"it needs "region" or "origin""#),
        (
            #"{"region": "uk", "widgetId": "w", "tokenLifetime": "1500ms"}"#, "tokenLifetime",
            "it is not a whole number of seconds"
        ),
        (
            #"{"region": "uk", "widgetId": "w", "sessions": "report", "create": {"customerId": "subject"}}"#, "create",
            #"nothing is created: "sessions" is "report""#
        ),
        (
            #"{"region": "uk", "widgetId": "w", "allowForeignOrigin": true}"#, "allowForeignOrigin",
            #"it goes with "origin", which is missing"#
        ),
        (
            #"{"widgetId": "w", "region": "uk", "origin": "https://a.pega.digital"}"#, "",
            #"only one of "region" and "origin" can be there"#
        ),
        (#"{"region": "uk"}"#, "widgetId", "it is required"),
        (#"{"widgetId": "a/b", "region": "uk"}"#, "widgetId", #""a/b" is not an id"#),
        (#"{"widgetId": "", "region": "uk"}"#, "widgetId", #""" is not an id"#),
        (#"{"widgetId": "w", "region": "de"}"#, "region", #""de" is not one of ca, euw1, uk, use1"#),
        (#"{"widgetId": "w", "region": "UK"}"#, "region", #""UK" is not one of ca, euw1, uk, use1"#),
        (
            #"{"widgetId": "w", "region": "uk", "tokenLifetime": "301s"}"#, "tokenLifetime",
            "301s is not between 1s and 5m"
        ),
        (
            #"{"widgetId": "w", "region": "uk", "tokenLifetime": "999ms"}"#, "tokenLifetime",
            "999ms is not between 1s and 5m"
        ),
        (
            #"{"widgetId": "w", "region": "uk", "sessions": "page"}"#, "sessions",
            #""page" is not one of create, report"#
        ),
        (
            #"{"widgetId": "w", "region": "uk", "create": {"customer": "subject"}}"#, "create.customer",
            "there is no member of this name"
        ),
        (
            #"{"widgetId": "w", "region": "uk", "privateData": {"a": "subjekt"}}"#, "privateData.a",
            #""subjekt" is not a source"#
        ),
        (
            #"{"widgetId": "w", "region": "uk", "privateData": {"a": {"required": false}}}"#, "privateData.a",
            #"it needs "from" or "value""#
        ),
        (
            #"{"widgetId": "w", "region": "uk", "privateData": {"": "subject"}}"#, "privateData.",
            #""" is not a text"#
        ),
        (
            #"{"widgetId": "w", "origin": "https://evil.example"}"#, "origin", "evil.example is not under pega.digital"
        ),
        (
            #"{"widgetId": "w", "origin": "https://pega.digital.evil.com"}"#, "origin",
            "pega.digital.evil.com is not under pega.digital"
        ),
        (
            #"{"widgetId": "w", "origin": "https://evilpega.digital"}"#, "origin",
            "evilpega.digital is not under pega.digital"
        ),
        (#"{"widgetId": "w", "origin": "http://a.pega.digital"}"#, "origin", "it is not https"),
        (
            #"{"widgetId": "w", "origin": "http://a.pega.digital", "allowForeignOrigin": true}"#, "origin",
            "it is not https"
        ),
        (
            #"{"widgetId": "w", "origin": "http://evil.example", "allowForeignOrigin": true}"#, "origin",
            "it is not https"
        ),
        (
            #"{"widgetId": "w", "origin": "http://localhost.evil.com", "allowForeignOrigin": true}"#, "origin",
            "it is not https"
        ),
        (
            #"{"widgetId": "w", "origin": "http://127.0.0.1:80"}"#, "origin", "127.0.0.1 is not under pega.digital"
        ),
        (
            #"{"widgetId": "w", "origin": "https://a.pega.digital/path"}"#, "origin",
            #""https://a.pega.digital/path" is not an origin"#
        ),
    ])
    func refusedOptionsAreNamed(options: String, path: String, message: String) {
        let fault = #expect(throws: SignetError.self) { try PegaPlugin.settings(json: options.utf8) }
        #expect(fault?.optionPath.joined(separator: ".") == path)
        #expect(fault?.reason == message)
        #expect(fault?.code == "option-invalid")
    }

    @Test(arguments: [
        "https://pega.digital", "https://widget.chat.pega.digital:8443", "https://WIDGET.sandbox.Pega.Digital",
    ])
    func pegaOriginsAreAccepted(origin: String) throws {
        _ = try PegaPlugin.settings(json: #"{"widgetId": "w", "origin": "\#(origin)"}"#.utf8)
    }

    @Test(arguments: ["https://sandbox.example", "http://localhost:9000", "http://127.1.2.3", "http://[::1]:9000"])
    func foreignOriginsAreAcceptedIfAllowed(origin: String) throws {
        let options = #"{"widgetId": "w", "origin": "\#(origin)", "allowForeignOrigin": true}"#
        #expect(try PegaPlugin.settings(json: options.utf8).origin.text == origin)
    }

    // MARK: In code

    struct InCode: Sendable {
        let path: [String]
        let message: String
        let make: @Sendable () throws -> PegaSettings
    }

    static let inCode = [
        InCode(path: ["widgetId"], message: "letters, digits") {
            try PegaSettings(location: .region(.uk), widgetID: "a b")
        },
        InCode(path: ["tokenLifetime"], message: "between 1s and 5m") {
            try PegaSettings(location: .region(.uk), widgetID: "w", tokenLifetime: 301)
        },
        InCode(path: ["tokenLifetime"], message: "between 1s and 5m") {
            try PegaSettings(location: .region(.uk), widgetID: "w", tokenLifetime: 0)
        },
        InCode(path: ["privateData"], message: "a name is") {
            try PegaSettings(location: .region(.uk), widgetID: "w", privateData: [("a\u{0}", .from(.subject))])
        },
        InCode(path: ["privateData", "a"], message: "occurs twice") {
            try PegaSettings(
                location: .region(.uk), widgetID: "w", privateData: [("a", .from(.subject)), ("a", .from(.email))])
        },
        InCode(path: ["origin"], message: "not under pega.digital") {
            let origin = try #require(WebOrigin("https://evil.example"))
            return try PegaSettings(location: .origin(origin, allowForeign: false), widgetID: "w")
        },
    ]

    @Test(arguments: inCode.indices)
    func settingsMadeInCodeAreChecked(index: Int) {
        let fault = #expect(throws: SignetError.self) { try Self.inCode[index].make() }
        #expect(fault?.optionPath == Self.inCode[index].path)
        #expect(fault?.reason.contains(Self.inCode[index].message) == true)
    }

    @Test func sentValuesAreListed() throws {
        let options =
            #"{"region": "uk", "widgetId": "w", "privateData": {"a": "name"}"#
        #expect(
            try TestVendor.pega.connection(options + #", "create": {"customerId": "email"}}"#).values
                == [.from(.email), .from(.name)])
        #expect(
            try TestVendor.pega.connection(options + #", "sessions": "report"}"#).values == [.from(.name)])
    }
}
