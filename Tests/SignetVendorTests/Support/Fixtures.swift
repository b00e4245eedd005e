import Foundation
import SignetIdentity
import SignetJOSE
import SignetSystem
import Testing

/// The files under `Fixtures/vendors`.
enum Fixtures {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/vendors")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    static func secret(_ path: String) throws -> SecretBytes {
        SecretBytes(copying: try bytes(path))
    }
}

/// One file: a connection's options, an identity, and the expected results.
struct VendorFixture: Sendable, CustomTestStringConvertible {
    let vendor: TestVendor
    let name: String
    private let json: JSONValue

    /// The fixtures of a vendor, or one unreadable fixture.
    static func all(of vendor: TestVendor) -> [VendorFixture] {
        let folder = Fixtures.folder.appending(path: vendor.rawValue)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? ["missing.json"]
        return names.filter { $0.hasSuffix(".json") }.sorted().map { name in
            let json = try? JSONReader.value(Fixtures.bytes("\(vendor.rawValue)/\(name)"))
            return VendorFixture(vendor: vendor, name: name, json: json ?? .null)
        }
    }

    static let all = TestVendor.allCases.flatMap(all)

    var testDescription: String { "\(vendor.rawValue)/\(name): \(json["title"]?.string ?? "unreadable")" }

    func text(_ member: String) throws -> String {
        try #require(json[member]?.string, "\(name) has no \(member)")
    }

    subscript(member: String) -> JSONValue? { json[member] }

    func connection() throws -> VendorConnection {
        try vendor.connection(JSONWriter.text(of: #require(json["options"])))
    }

    func identity() throws -> Identity {
        try SigningRequest(json: JSONWriter.bytes(of: #require(json["identity"]))).identity
    }

    func session() throws -> SessionPurpose? {
        switch json["session"]?.string {
        case nil: nil
        case "create": .create
        case let text?: .existing(try SessionID(text))
        }
    }

    func sign() throws -> SignedIdentity {
        let context = SigningContext(
            time: Moment.fixed, requestID: "request-1", route: "uk-store", session: try session())
        return try connection().sign(identity(), in: context)
    }
}

/// The moments of the tests.
enum Moment {
    static let fixed = NumericDate(seconds: 1_800_000_000)

    static func after(_ seconds: Int64) -> NumericDate {
        fixed.advanced(by: seconds)
    }
}
