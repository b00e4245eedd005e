import SignetIdentity
import SignetJOSE

/// The answer to a request for a badge.
struct BadgeReply {
    private let order: SigningDesk.Order
    private let badge: Badge
    private let issuedAt: NumericDate
    private let expiresAt: NumericDate?

    init(_ order: SigningDesk.Order, _ badge: Badge, issuedAt: NumericDate, expiresAt: NumericDate?) {
        self.order = order
        self.badge = badge
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    var response: GatewayResponse {
        var members = [
            JSONMember("route", .string(order.route)), JSONMember("vendor", .string(order.connection.vendor)),
            JSONMember("connection", .string(order.connection.name)), JSONMember("issuedAt", .string(issuedAt.rfc3339)),
            JSONMember("expiresAt", expiresAt.map { .string($0.rfc3339) } ?? .null),
            JSONMember("subjectTag", order.subjectTag.map(JSONValue.string) ?? .null),
        ]
        if let decision = order.decision {
            members.append(
                JSONMember("decision", ["side": .string(decision.side), "reason": .string(decision.reason)]))
        }
        members.append(JSONMember("badge", badge.json))
        return .json(.object(members))
    }
}
