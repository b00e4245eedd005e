import Foundation
import SignetKit
import SignetRouting
import SignetSystem
import SignetTestSupport

/// A folder with a configuration and keys of modes that Signet accepts.
struct KeyFolder {
    let scratch: ScratchDirectory

    init(_ text: String) throws {
        scratch = try ScratchDirectory()
        try scratch.write(text, to: "signet.json", mode: 0o644)
    }

    func secret(_ name: String, _ text: String = KeyFolder.secret("a"), mode: Int = 0o600) throws {
        try scratch.write(text, to: name, mode: mode)
    }

    func privateKey(_ name: String) throws {
        let pem = try ES256PrivateKey.generate().pem()
        try scratch.write(pem.withUnsafeBytes(Array.init), to: name)
    }

    func configuration() throws(ConfigurationError) -> Configuration {
        try Configuration.read(scratch.path("signet.json"), plugins: .builtIn)
    }

    /// The diagnostics as text, with DIR in the place of the folder's path.
    func lines(_ diagnostics: [Diagnostic]) -> String {
        Reading.lines(diagnostics).replacing(scratch.url.path(), with: "DIR")
    }

    /// A secret of 40 characters that begins with a mark.
    static func secret(_ mark: Character) -> String {
        "\(mark)-0123456789-0123456789-0123456789-0123"
    }
}
