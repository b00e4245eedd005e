import SignetJOSE

extension GatewayResponse {
    /// An answer for one caller, at this moment.
    static func json(_ value: JSONValue, status: Int = 200) -> GatewayResponse {
        GatewayResponse(
            status: status,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: JSONWriter.visibleBytes(of: value))
    }

    /// Something that everybody may read, and keep for five minutes: the time in which a new key becomes known.
    static func published(_ body: [UInt8], _ type: String) -> GatewayResponse {
        GatewayResponse(
            status: 200, headers: [("Content-Type", type), ("Cache-Control", "public, max-age=300")], body: body)
    }
}
