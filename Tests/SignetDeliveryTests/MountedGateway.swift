// Shown in docs/embedding.md, letter by letter from the next line on.
import SignetDelivery
import SignetGateway
import SignetKit

/// Once, when the server starts: what `signet serve` makes of a configuration, without its sockets.
func makeGateway(_ configuration: Configuration, audit: AuditFile?) throws -> Gateway {
    let services = Gateway.Services(audit: audit, transport: try CurlTransport(), log: StandardErrorLog())
    return Gateway(try GatewayState(configuration), services: services)
}

/// For every request under the gateway's paths: with the target as it stands in the request line, and the whole body.
func answer(
    _ method: String, _ target: String, _ headers: [(name: String, value: String)], _ body: [UInt8], by gateway: Gateway
) async -> (status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
    let request = GatewayRequest(method: method, target: target, headers: headers, body: body)
    let response = await gateway.respond(to: request)
    return (response.status, response.headers, method == "HEAD" ? [] : response.body)
}
