import SignetIdentity
import Testing

/// Origins: scheme, host and port only.
@Suite struct WebOriginTests {
    @Test(arguments: [
        ("https://widget.uk.chat.pega.digital", "https://widget.uk.chat.pega.digital"),
        ("HTTPS://Widget.UK.Chat.Pega.Digital", "https://widget.uk.chat.pega.digital"),
        ("http://localhost:8080", "http://localhost:8080"), ("https://a", "https://a"),
        ("https://a.example:443", "https://a.example:443"), ("https://a.example:65535", "https://a.example:65535"),
        ("https://127.0.0.1:1", "https://127.0.0.1:1"), ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://\(String(repeating: "a", count: 63)).b", "https://\(String(repeating: "a", count: 63)).b"),
    ])
    func originsAreAccepted(text: String, normal: String) {
        #expect(WebOrigin(text)?.text == normal)
        #expect(StringForm.origin.accepts(text))
    }

    static let refused = [
        "", "https://", "https:/a.example", "//a.example", "a.example", "ftp://a.example", "javascript://a",
        "wss://a.example",
        // Text before or after the host.
        "https://user@a.example", "https://user:pass@a.example", "https://a.example@evil.example", "https://a.example/",
        "https://a.example/path", "https://a.example?q", "https://a.example#f", "https://a.example\\evil",
        "https://a.example:80/",
        " https://a.example", "https://a.example ", "https://a.example\n", "https://a.exa mple",
        "https://a.example\u{0}",
        // Ports.
        "https://a.example:", "https://a.example:0", "https://a.example:65536", "https://a.example:-1",
        "https://a.example:+1", "https://a.example:080", "https://a.example:8a", "https://a.example:80:80",
        "https://a.example:１",
        // Hosts.
        "https://:80", "https://.a.example", "https://a..example", "https://a.example.", "https://-a.example",
        "https://a-.example", "https://a_b.example", "https://a%2e.example", "https://*.example",
        "https://bücher.example", "https://u\u{212A}.chat.pega.digital", "https://a.exam\u{301}ple",
        "https://\(String(repeating: "a", count: 64)).b",
        "https://\(String(repeating: "a.", count: 127))", "https://\(String(repeating: "a.", count: 126))aa",
        // Addresses in brackets.
        "https://[]", "https://[::1", "https://::1", "https://[::1]a", "https://[::1]a80", "https://[::1]80",
        "https://[::g]", "https://[::1%25eth0]",
        "https://[1.2.3.4]",
    ]

    @Test(arguments: refused)
    func otherTextIsRefused(text: String) {
        #expect(WebOrigin(text) == nil)
        #expect(!StringForm.origin.accepts(text))
    }

    @Test(arguments: [
        ("https://pega.digital", true), ("https://widget.uk.chat.pega.digital", true),
        ("https://PEGA.digital:444", true),
        ("https://evilpega.digital", false), ("https://pega.digital.evil.com", false), ("https://digital", false),
        ("https://pega-digital.com", false), ("https://xpega.digital", false), ("https://127.0.0.1", false),
    ])
    func onlyTheDomainAndItsSubdomainsAreUnderIt(text: String, isUnder: Bool) throws {
        #expect(try #require(WebOrigin(text)).isUnder("pega.digital") == isUnder)
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://LOCALHOST:1", true), ("http://127.0.0.1", true),
        ("http://127.255.1.2:80", true),
        ("http://[::1]", true), ("http://localhost.evil.com", false), ("http://127.0.0.1.evil.com", false),
        ("http://127.0.0", false), ("http://127.0.0.256", false), ("http://127.0.0.0.1", false),
        ("http://128.0.0.1", false),
        ("http://[::2]", false), ("http://notlocalhost", false), ("http://a.localhost", false),
        ("http://127.a.0.1", false),
        ("http://0.0.0.0", false), ("http://127.0.0.01", false), ("http://127.0.0.001", false),
    ])
    func loopbackNamesAreRecognised(text: String, isLoopback: Bool) throws {
        #expect(try #require(WebOrigin(text)).isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("http://127.0.0.1:80", true), ("http://10.0.0.7", true), ("http://255.255.255.255", true),
        ("http://[2001:db8::1]:80", true), ("http://localhost", false), ("http://127.0.0.1.evil.com", false),
        ("http://10.0.0.07", false), ("http://10.0.0.256", false), ("http://10.0.7", false),
        ("http://0x7f.0.0.1", false),
        ("http://2130706433", false),
    ])
    func addressesAreRecognised(text: String, isAddress: Bool) throws {
        #expect(try #require(WebOrigin(text)).isAddress == isAddress)
    }
}
