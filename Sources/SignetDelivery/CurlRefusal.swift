import SignetIdentity

/// What no vendor is sent, whatever a plugin asks for.
enum CurlRefusal {
    /// Why a request is not sent, in words without anything of it; nil if it is.
    static func reason(against request: VendorRequest) -> String? {
        guard let origin = origin(of: request.url) else { return "the address is no https one" }
        // A token is readable on every machine that plain http comes past.
        guard origin.scheme == "https" || origin.isLoopback else { return "the address is not https" }
        let texts = [request.method, request.url] + request.headers.flatMap { [$0.name, $0.value] }
        // A line end in any of them would make another request of it.
        guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
            return "the request holds a control character"
        }
        return nil
    }

    private static func origin(of url: String) -> WebOrigin? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let end = url[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        return WebOrigin(String(url[..<end]))
    }
}
