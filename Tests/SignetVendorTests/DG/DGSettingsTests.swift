import SignetDG
import SignetIdentity
import SignetSystem
import Testing

/// The options of a DG connection: defaults and refused values.
@Suite struct DGSettingsTests {
    @Test func defaultsAreUsed() throws {
        let settings = try DGPlugin.settings(json: "{}".utf8)
        #expect(settings.externalID == .from(.subject))
        #expect(settings.tokenLifetime == 900)
        #expect(settings.widgetID == nil)
        #expect(settings.environment == nil)
    }

    @Test(arguments: [("eu", DGSettings.Environment.eu), ("us", .us), ("dev.us", .devUS)])
    func environmentsAreRead(text: String, environment: DGSettings.Environment) throws {
        #expect(try DGPlugin.settings(json: #"{"env": "\#(text)"}"#.utf8).environment == environment)
    }

    @Test(arguments: [
        (#"{"env": "uk"}"#, "env", #""uk" is not one of eu, us, dev.us"#),
        (#"{"widgetId": "a.b"}"#, "widgetId", #""a.b" is not an id"#),
        (#"{"tokenLifetime": "59s"}"#, "tokenLifetime", "59s is not between 1m and 1d"),
        (#"{"tokenLifetime": "25h"}"#, "tokenLifetime", "25h is not between 1m and 1d"),
        (#"{"tokenLifetime": 900}"#, "tokenLifetime", "it is a number, not a duration in quotes"),
        (#"{"externalId": "id"}"#, "externalId", #""id" is not a source"#),
        (#"{"externalId": 1}"#, "externalId", "it is a number, not a string or an object"),
        (
            #"{"externalId": {"from": "subject", "required": false}}"#, "externalId",
            "DG has no token without external_id, so it cannot be optional"
        ),
        (
            #"{"externalId": {"value": "everybody"}}"#, "externalId",
            "this value does not identify the customer"
        ),
        (
            #"{"externalId": "route"}"#, "externalId",
            "this value does not identify the customer"
        ),
        (#"{"externalId": "issuedAt"}"#, "externalId", "this value does not identify the customer"),
        (#"{"externalId": "requestId"}"#, "externalId", "this value does not identify the customer"),
        (#"{"scope": "user"}"#, "scope", "there is no member of this name"),
    ])
    func refusedOptionsAreNamed(options: String, path: String, message: String) {
        let fault = #expect(throws: SignetError.self) { try DGPlugin.settings(json: options.utf8) }
        #expect(fault?.optionPath.joined(separator: ".") == path)
        #expect(fault?.reason == message)
    }

    struct InCode: Sendable {
        let path: [String]
        let make: @Sendable () throws -> DGSettings
    }

    static let inCode = [
        InCode(path: ["externalId"]) { try DGSettings(externalID: .from(.email, required: false)) },
        InCode(path: ["externalId"]) { try DGSettings(externalID: .literal("")) },
        InCode(path: ["tokenLifetime"]) { try DGSettings(tokenLifetime: 59) },
        InCode(path: ["tokenLifetime"]) { try DGSettings(tokenLifetime: 86_401) },
        InCode(path: ["widgetId"]) { try DGSettings(widgetID: "") },
    ]

    @Test(arguments: inCode.indices)
    func settingsMadeInCodeAreChecked(index: Int) {
        let fault = #expect(throws: SignetError.self) { try Self.inCode[index].make() }
        #expect(fault?.optionPath == Self.inCode[index].path)
    }

    @Test(arguments: [
        ("{}", [#""widgetId" and "env" left out: the page has to know it by itself"#]),
        (#"{"env": "eu"}"#, [#""widgetId" left out: the page has to know it by itself"#]),
        (#"{"widgetId": "w"}"#, [#""env" left out: the page has to know it by itself"#]),
        (#"{"widgetId": "w", "env": "eu"}"#, []),
    ])
    func membersMissingForThePageAreListed(options: String, gaps: [String]) throws {
        #expect(try TestVendor.dg.connection(options).widget.gaps == gaps)
    }
}
