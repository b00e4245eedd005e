import Foundation
import SignetJOSE
import SignetKit
import SignetRouting
import SignetTestSupport

/// Reads configurations for tests.
enum Reading {
    static func configuration(_ text: String, file: String = "signet.json") throws(ConfigurationError) -> Configuration
    {
        try Configuration.read(Array(text.utf8), file: file, plugins: .builtIn)
    }

    static func configuration(_ value: JSONValue) throws(ConfigurationError) -> Configuration {
        try Configuration.read(JSONWriter.bytes(of: value), file: "signet.json", plugins: .builtIn)
    }

    /// The errors of a configuration, or its warnings if it is accepted.
    static func diagnostics(_ bytes: [UInt8], file: String) -> [Diagnostic] {
        do {
            return try Configuration.read(bytes, file: file, plugins: .builtIn).warnings
        } catch {
            return error.diagnostics
        }
    }

    static func lines(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { "\($0.text)\n" + ($0.hint.map { "hint: \($0)\n" } ?? "") }.joined()
    }

    /// A configuration of one DG connection, with room for more.
    static func text(top: String = "", keys: String = dgKey, connections: String = dgConnection, routes: String = "")
        -> String
    {
        "{\(top)\"keys\":{\(keys)},\"connections\":{\(connections)},\"routes\":{\(routes)}}"
    }

    static let exampleURL = Fixtures.url("config/accepted/example.jsonc")
    static let dgKey = #""dg":{"file":"dg.secret","encoding":"utf8","kid":"live-1"}"#
    static let dgConnection = #""dg":{"vendor":"dg","key":"dg"}"#
}
