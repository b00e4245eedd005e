import SignetSystem

/// An origin (RFC 6454): scheme, host and port.
public struct WebOrigin: Sendable, Hashable {
    /// `https` or `http`.
    public let scheme: String
    /// The host in lower case; an IPv6 address in brackets.
    public let host: String
    /// The port, if the text has one.
    public let port: UInt16?

    /// Reads `scheme://host` or `scheme://host:port`; user, path, query and fragment are refused.
    public init?(_ text: String) {
        // Some letters outside ASCII become a-z in lower case: the Kelvin sign would pass for a k.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let lower = text.lowercased()
        guard let scheme = ["https", "http"].first(where: { lower.hasPrefix($0 + "://") }) else { return nil }
        let rest = lower.dropFirst(scheme.utf8.count + 3)
        let hostEnd: Substring.Index
        if rest.hasPrefix("[") {
            guard let bracket = rest.firstIndex(of: "]") else { return nil }
            hostEnd = rest.index(after: bracket)
            let address = rest[..<bracket].dropFirst()
            var binary = in6_addr()
            guard inet_pton(AF_INET6, String(address), &binary) == 1 else { return nil }
        } else {
            hostEnd = rest.firstIndex(of: ":") ?? rest.endIndex
            guard Self.isHostName(rest[..<hostEnd]) else { return nil }
        }
        self.scheme = scheme
        host = String(rest[..<hostEnd])
        let portText = rest[hostEnd...]
        if portText.isEmpty {
            port = nil
        } else {
            let digits = portText.dropFirst()
            guard portText.hasPrefix(":"), digits.utf8.allSatisfy(Self.isDigit), !digits.hasPrefix("0"),
                let number = UInt16(digits)
            else { return nil }
            port = number
        }
    }

    /// The origin as the start of a URL.
    public var text: String {
        "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "")
    }

    /// Whether the host is `localhost`, `127.…` or `::1`.
    public var isLoopback: Bool {
        isIPv4 && host.hasPrefix("127.") || host == "localhost" || host == "[::1]"
    }

    /// Whether the host is an IP address.
    public var isAddress: Bool { isIPv4 || host.hasPrefix("[") }

    /// Whether the host is four decimal numbers. Other forms that some programs accept (`127.1`, `0x7f.0.0.1`) are names here.
    private var isIPv4: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { part in UInt8(part).map { "\($0)" == part } ?? false }
    }

    /// Whether the host is `domain` or a subdomain of it.
    public func isUnder(_ domain: String) -> Bool {
        host == domain || host.hasSuffix("." + domain)
    }

    private static func isHostName(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { byte in
                        isDigit(byte) || byte == UInt8(ascii: "-")
                            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    }
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

}

extension StringForm {
    /// An origin, with or without a port.
    public static let origin = StringForm(
        noun: "an origin", pattern: "^[Hh][Tt][Tt][Pp][Ss]?://(\(hostName)|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?$",
        hint: "scheme, host and, if need be, port: https://widget.example.com", matches: { WebOrigin($0) != nil })

    private static let hostLabel = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    private static let hostName = "\(hostLabel)(\\.\(hostLabel))*"
}
