import SignetIdentity

/// Which requests the admin side answers. The admin side knows no callers, so a page of another site must not read it through a
/// browser: neither directly nor under a host name that leads here (DNS rebinding).
public struct AdminAccess: Sendable {
    private let hosts: Set<String>
    private let takesAnyHost: Bool

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - hosts: Names that `Host` may have besides `localhost` and IP addresses. Only name servers that you run should answer
    ///     for them.
    ///   - isLocal: Whether only this machine reaches the listener. Otherwise probes and scrapers may use any name for it, so any
    ///     `Host` is taken unless `hosts` has names.
    public init(hosts: [String] = [], isLocal: Bool = true) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        takesAnyHost = !isLocal && hosts.isEmpty
    }

    /// Refuses a request that a page of another site may have made.
    func check(_ request: GatewayRequest) throws(Problem) {
        guard takesAnyHost || isOwn(request.host) else { throw .hostNotAllowed }
        guard [nil, "none", "same-origin"].contains(request.fetchSite) else { throw .otherSite }
        guard let origin = request.origin else { return }
        // There is no TLS here, so that the page's scheme is http.
        guard let own = request.host.flatMap(Self.origin), let sent = WebOrigin(origin), sent.scheme == own.scheme,
            sent.host == own.host, sent.port ?? 80 == own.port ?? 80
        else { throw .otherSite }
    }

    private func isOwn(_ host: String?) -> Bool {
        guard let origin = host.flatMap(Self.origin) else { return false }
        return origin.isAddress || origin.host == "localhost" || hosts.contains(origin.host)
    }

    private static func origin(_ host: String) -> WebOrigin? {
        WebOrigin("http://\(host)")
    }
}
