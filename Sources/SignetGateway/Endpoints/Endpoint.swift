import SignetIdentity

/// What a request asks for: a path and a method, exactly.
enum Endpoint: Sendable, Equatable {
    case badge(route: String)
    case sign(route: String)
    case routes
    case jwks
    case publicKey(name: String)
    case openAPI

    /// The word for it in logs. It has no name of the request: an unknown name may be any text.
    var label: String {
        switch self {
        case .badge: "badge"
        case .sign: "sign"
        case .routes: "routes"
        case .jwks: "jwks"
        case .publicKey: "public-key"
        case .openAPI: "openapi"
        }
    }

    /// Finds the endpoint of a request target as it stands in the request line. Nothing is decoded: no path here needs it,
    /// and paths that are decoded twice are a known attack.
    static func find(_ target: String) throws(Problem) -> Endpoint {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        let steps = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        guard let endpoint = endpoint(of: steps) else { throw .notFound }
        return endpoint
    }

    /// Whether only callers may use it, and no browser.
    var isForCallers: Bool {
        switch self {
        case .badge, .sign, .routes: true
        case .jwks, .publicKey, .openAPI: false
        }
    }

    /// Refuses a method that it does not have.
    func check(_ method: String) throws(Problem) {
        guard methods.contains(method) else { throw .methodNotAllowed(methods) }
    }

    private static func endpoint(of steps: [String]) -> Endpoint? {
        guard steps.first == "" else { return nil }
        switch steps.dropFirst().first {
        case "v1" where steps.count == 3 && steps[2] == "routes": return .routes
        case "v1" where steps.count == 5 && steps[2] == "routes" && !steps[3].isEmpty:
            switch steps[4] {
            case "badge": return .badge(route: steps[3])
            case "sign": return .sign(route: steps[3])
            default: return nil
            }
        case "v1" where steps.count == 5 && steps[2] == "keys" && steps[4] == "public.pem":
            return .publicKey(name: steps[3])
        case ".well-known" where steps.count == 3 && steps[2] == "jwks.json": return .jwks
        case "openapi.json" where steps.count == 2: return .openAPI
        default: return nil
        }
    }

    private var methods: [String] {
        switch self {
        case .badge, .sign: ["POST"]
        case .routes, .jwks, .publicKey, .openAPI: ["GET", "HEAD"]
        }
    }
}
