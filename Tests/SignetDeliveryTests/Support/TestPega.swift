import Foundation
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetKit
import SignetSandbox
import SignetSystem

/// A Pega connection whose vendor is on this machine.
enum TestPega {
    static let widgetID = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
    static let secret = "a secret that only the tests know, 32 bytes or more"

    static func key() throws -> HS256Key {
        try HS256Key(secret: SecretBytes(copying: secret.utf8))
    }

    static func connection(at origin: String, named name: String = "pega-test") throws -> VendorConnection {
        let options = """
            {"origin": "\(origin)", "allowForeignOrigin": true, "widgetId": "\(widgetID)",
             "privateData": {"externalUserId": "subject", "authenticated": {"value": "true"}}}
            """
        return try PegaPlugin.connect(
            name, settings: try PegaPlugin.settings(json: options.utf8),
            keys: ConnectionKeys(NamedKey(name: "pega-key", key: .hs256(try key()))))
    }

    /// A badge for a customer, with all that it takes.
    static func badge(
        _ identity: Identity, from connection: VendorConnection, by client: DeliveryClient,
        settings: DeliverySettings = DeliverySettings()
    ) async throws -> Badge {
        let run = client.run(identity, on: connection, settings: settings)
        defer { run.end() }
        switch try connection.delivery(of: SigningRequest(identity), in: SigningContext()) {
        case .badge(let badge): return badge
        case .calls(let deliver): return try await deliver(run)
        case nil: throw CocoaError(.featureUnsupported)
        }
    }

    static func customer(_ subject: String = "customer-4711") throws -> Identity {
        .customer(try Customer(subject: subject))
    }
}

extension RawServer {
    /// Serves what a handler answers.
    convenience init(_ handler: any RequestHandling) throws {
        try self.init { connection in
            while let text = connection.request() {
                guard case .ready(let response) = handler.reply(to: GatewayRequest(raw: text)) else { return }
                connection.answer(response.status, body: String(decoding: response.body, as: UTF8.self))
            }
        }
    }
}

extension GatewayRequest {
    /// A request as it came.
    init(raw text: String) {
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        let first = lines[0].components(separatedBy: " ")
        let headers = lines.dropFirst().map { line in
            let field = line.components(separatedBy: ": ")
            return (name: field[0], value: field.dropFirst().joined(separator: ": "))
        }
        self.init(
            method: first[0], target: first[1], headers: headers,
            body: Array(parts.dropFirst().joined(separator: "\r\n\r\n").utf8))
    }
}
