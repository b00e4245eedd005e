import CMicroHTTPD
import SignetGateway

extension GatewayResponse {
    /// Hands the response over to the library, which adds Date, Content-Length and Connection, and leaves the body out for HEAD.
    func queue(on connection: OpaquePointer, closing: Bool) -> MHD_Result {
        // The library copies the body and, from here on, owns the copy: one allocation.
        let made = body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made else { return .NO }
        defer { MHD_destroy_response(made) }
        // A value with a line break in it is refused by the library, and the field left out.
        for (name, value) in headers { MHD_add_response_header(made, name, value) }
        if closing { MHD_add_response_header(made, "Connection", "close") }
        return MHD_queue_response(connection, UInt32(status), made)
    }
}
