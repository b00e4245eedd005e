import SignetConfiguration
import SignetGateway
import Testing

/// Which requests the admin side answers: none that a page of another site can bring about.
@Suite struct AdminAccessTests {
    private static func outcome(
        _ access: AdminAccess, host: String?, origin: String? = nil, fetchSite: String? = nil,
        target: String = "/metrics"
    ) async throws -> String {
        let side = AdminSide(metrics: GatewayMetrics(version: "test"), readiness: Readiness(), access: access)
        let response = await side.respond(
            to: GatewayRequest(method: "GET", target: target, host: host, origin: origin, fetchSite: fetchSite))
        guard response.status != 200 else { return "200" }
        #expect(response.header("X-Request-Id")?.isEmpty == false)
        #expect(response.header("Cache-Control") == "no-store")
        return try response.outcome
    }

    @Test(arguments: [
        "localhost", "localhost:9787", "LOCALHOST", "LocalHost:1", "127.0.0.1", "127.0.0.1:9787", "127.9.9.9",
        "10.0.0.7:80",
        "[::1]", "[::1]:9787", "[2001:DB8::1]:9787", "[::ffff:127.0.0.1]",
    ])
    func addressesAndLocalhostAreAnswered(host: String) async throws {
        #expect(try await Self.outcome(AdminAccess(), host: host) == "200")
    }

    @Test(arguments: [
        nil, "", "evil.example", "evil.example:9787", "127.0.0.1.evil.example", "127.0.0.1.evil.example:9787",
        "localhost.evil.example", "evil-localhost", "sub.localhost", "localhost.", "localhost.localdomain",
        "127.0.0.1.",
        // What some programs take for 127.0.0.1.
        "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.0.01", "127.0.0.256", "127.0.0.1.1",
        "127..0.1",
        "[::1", "::1", "[::1]x", "[fe80::1%25lo]", "[v1.x]", "[]", "user@localhost", "localhost:", "localhost:x",
        "localhost:99999",
        "l\u{17F}ocalhost", "localho\u{17F}t", "127.0.0.1, evil.example", "signet.internal",
    ])
    func otherHostsAreRefused(host: String?) async throws {
        for target in ["/metrics", "/health/ready", "/none"] {
            #expect(try await Self.outcome(AdminAccess(), host: host, target: target) == "403 host-not-allowed")
        }
    }

    @Test(arguments: [
        ("signet.internal", "200"), ("SIGNET.Internal:9787", "200"), ("other.internal:1", "200"), ("localhost", "200"),
        ("127.0.0.1", "200"), ("signet.internal.", "403 host-not-allowed"),
        ("a.signet.internal", "403 host-not-allowed"),
        ("signet.internal.evil.example", "403 host-not-allowed"), ("internal", "403 host-not-allowed"),
    ])
    func configuredNamesAreAnswered(host: String, outcome: String) async throws {
        let hosts = ["signet.internal", "Other.Internal"]
        for isLocal in [true, false] {
            #expect(try await Self.outcome(AdminAccess(hosts: hosts, isLocal: isLocal), host: host) == outcome)
        }
    }

    /// The kubelet sends the pod's address, Prometheus the name that it scrapes.
    @Test(arguments: ["10.0.0.7:9787", "signet.default.svc:9787", "evil.example", "signet_admin:9787", "", nil])
    func offLoopbackAnyHostIsAnsweredWhereNoneIsConfigured(host: String?) async throws {
        #expect(try await Self.outcome(AdminAccess(isLocal: false), host: host) == "200")
    }

    @Test(arguments: [
        ("none", "200"), ("same-origin", "200"), ("same-site", "403 browser-not-allowed"),
        ("cross-site", "403 browser-not-allowed"), ("", "403 browser-not-allowed"),
        ("Same-Origin", "403 browser-not-allowed"), ("none, none", "403 browser-not-allowed"),
        ("else", "403 browser-not-allowed"),
    ])
    func aPageOfAnotherSiteIsRefused(fetchSite: String, outcome: String) async throws {
        for isLocal in [true, false] {
            let access = AdminAccess(isLocal: isLocal)
            #expect(try await Self.outcome(access, host: "127.0.0.1:9787", fetchSite: fetchSite) == outcome)
        }
    }

    @Test(arguments: [
        ("localhost:9787", "http://localhost:9787", true), ("LOCALHOST:9787", "http://localhost:9787", true),
        ("localhost", "http://localhost", true), ("localhost:80", "http://localhost", true),
        ("[::1]:9787", "http://[::1]:9787", true), ("localhost:9787", "http://localhost:9788", false),
        ("localhost:9787", "http://localhost", false), ("localhost:9787", "https://localhost:9787", false),
        ("localhost:9787", "http://127.0.0.1:9787", false), ("localhost:9787", "http://evil.example", false),
        ("localhost:9787", "http://evil.example:9787", false), ("localhost:9787", "null", false),
        ("localhost:9787", "", false), ("localhost:9787", "localhost:9787", false),
        ("localhost:9787", "file://", false),
        ("localhost:9787", "http://localhost:9787/", false), ("localhost:9787", "http://localhost:9787, null", false),
        ("localhost:9787", "http://localhost:9787.evil.example", false),
        ("localhost:9787", "moz-extension://localhost:9787", false),
    ])
    func onlyItsOwnOriginIsAnswered(host: String, origin: String, isOwn: Bool) async throws {
        let expected = isOwn ? "200" : "403 browser-not-allowed"
        for access in [AdminAccess(), AdminAccess(isLocal: false)] {
            #expect(try await Self.outcome(access, host: host, origin: origin) == expected)
            #expect(try await Self.outcome(access, host: host, origin: origin, fetchSite: "same-origin") == expected)
        }
    }

    @Test func anOriginWithoutAHostIsRefused() async throws {
        let access = AdminAccess(isLocal: false)
        for host in [nil, ""] {
            #expect(try await Self.outcome(access, host: host, origin: "http://") == "403 browser-not-allowed")
        }
    }
}
