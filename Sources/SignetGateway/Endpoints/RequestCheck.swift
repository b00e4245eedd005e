import SignetConfiguration
import SignetIdentity
import SignetSystem

/// The checks before a request's body is read: browser, caller, media type, encoding.
enum RequestCheck {
    /// Browsers send these fields; backends do not.
    static func refuseBrowsers(_ request: GatewayRequest) throws(Problem) {
        guard request.origin == nil, request.fetchSite == nil else { throw .browser }
    }

    /// The caller whose token the request carries (RFC 6750 §2.1).
    static func caller(of request: GatewayRequest, among callers: CallerTable) throws(Problem) -> Caller {
        guard let field = request.authorization, let token = bearerToken(of: field),
            let caller = callers.caller(presenting: token)
        else { throw .noCaller }
        return caller
    }

    /// The token after the scheme, whose name may be written in any case (RFC 9110 §11.1).
    private static func bearerToken(of field: String) -> String? {
        let scheme = "bearer "
        var field = field
        return field.withUTF8 { bytes in
            guard bytes.count > scheme.utf8.count,
                zip(bytes, scheme.utf8).allSatisfy({ $0 == $1 || $0 == $1 & 0xDF && $1 != UInt8(ascii: " ") })
            else { return nil }
            let token = bytes[scheme.utf8.count...].drop { $0 == UInt8(ascii: " ") }
            return token.isEmpty || token.contains(UInt8(ascii: " ")) ? nil : String(decoding: token, as: UTF8.self)
        }
    }

    /// JSON, and in no other encoding than UTF-8 (RFC 8259 §8.1).
    static func mediaType(of request: GatewayRequest) throws(Problem) {
        guard let field = request.contentType else { throw .mediaType }
        if field.hasSameBytes(as: "application/json") { return }
        let parts = field.lowercased().split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        guard parts[0] == "application/json" else { throw .mediaType }
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            let charset = parameter.dropFirst("charset=".count)
            // "utf8" is not a registered name, but many clients write it.
            guard ["utf-8", "utf8", "\"utf-8\"", "\"utf8\""].contains(charset) else { throw .mediaType }
        }
    }

    /// Refuses an encoded body: nothing is decompressed (RFC 9110 §8.4).
    static func contentEncoding(of request: GatewayRequest) throws(Problem) {
        let codings = (request.contentEncoding ?? "").split(separator: ",").map(\.trimmed)
        let unknown = codings.first { !$0.isEmpty && $0.lowercased() != "identity" }
        if let unknown { throw .contentEncoding(unknown) }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}
