import SignetGateway

/// The head of a request: the request line and the fields that decide how the request is read and answered.
struct RequestHead {
    /// The method, target, Host and the fields that the gateway reads. The body is added later.
    var request = GatewayRequest(method: "", target: "")
    /// Content-Length; `Int.max` for a larger number.
    var length: Int?
    /// Whether the body comes in chunks.
    var isChunked = false
    /// Whether the client waits for 100 before it sends the body.
    var expectsContinue = false
    /// Whether the socket is closed after the answer: the client asks for it, or the request is of HTTP/1.0.
    var isLast = false
    /// Whether the request is of HTTP/1.0.
    var isOld = false

    /// The maximum length of a line in bytes, with its line end.
    static let maximumLine = 8_192
    /// The maximum length of the whole head in bytes, with the empty line at its end.
    static let maximumSize = 32_768
}

/// Parses a head line by line. The result does not depend on how the bytes are split.
///
/// It is strict where RFC 9112 leaves a choice: bytes that two parsers could read as different requests are refused.
struct HeadParser {
    private enum Step {
        case start, requestLine, fields, complete
    }

    var head = RequestHead()
    private var step = Step.start
    /// How many bytes were parsed, without an empty line before the request line.
    private(set) var size = 0
    /// The scheme and authority of a target in absolute form.
    private var authority: (scheme: String, text: String)?
    private var hasCoding = false
    /// The first fault of length and coding. It is thrown only when the rest of the head is valid.
    private var framing: FramingFault?
    private var hasUnknownExpectation = false

    /// Whether no line was parsed yet.
    var isFresh: Bool { step == .start }
    var isComplete: Bool { step == .complete }

    /// Parses the complete lines, and returns their length in bytes. The bytes after the head are not consumed.
    mutating func read(_ bytes: Span<UInt8>) throws(FramingFault) -> Int {
        var start = 0
        while step != .complete {
            let room = min(RequestHead.maximumLine, RequestHead.maximumSize - size)
            guard let end = bytes.first(UInt8(ascii: "\n"), from: start) else {
                if bytes.count - start >= room { throw tooLong(room) }
                return start
            }
            let length = end + 1 - start
            if length > room { throw tooLong(room) }
            guard length > 1, bytes[end - 1] == UInt8(ascii: "\r") else { throw .lineEnd }
            try take(bytes.extracting(start..<(end - 1)))
            start = end + 1
        }
        return start
    }

    private func tooLong(_ room: Int) -> FramingFault {
        if room < RequestHead.maximumLine { return .headTooLong }
        return step == .fields ? .fieldTooLong : .targetTooLong
    }

    private mutating func take(_ line: Span<UInt8>) throws(FramingFault) {
        switch step {
        case .start where line.isEmpty:
            // One empty line before a request is skipped (RFC 9112 §2.2).
            step = .requestLine
        case .start, .requestLine:
            size += line.count + 2
            try takeRequestLine(line)
            step = .fields
        case .fields:
            size += line.count + 2
            if line.isEmpty {
                try finish()
                step = .complete
            } else {
                try takeField(line)
            }
        case .complete: break
        }
    }

    // MARK: The request line

    private mutating func takeRequestLine(_ line: Span<UInt8>) throws(FramingFault) {
        let space = UInt8(ascii: " ")
        guard let first = line.first(space), let second = line.first(space, from: first + 1),
            line.first(space, from: second + 1) == nil, first > 0, second > first + 1, second < line.count - 1
        else { throw .requestLine }
        let method = line.extracting(0..<first)
        guard method.all(FieldSyntax.isMethod) else { throw .method }
        try takeVersion(line.extracting((second + 1)..<line.count))
        head.request.method = method.text
        try takeTarget(line.extracting((first + 1)..<second))
    }

    private mutating func takeVersion(_ version: Span<UInt8>) throws(FramingFault) {
        guard version.count == 8, version.extracting(0..<5).isText("HTTP/"), FieldSyntax.isDigit(version[5]),
            version[6] == UInt8(ascii: "."), FieldSyntax.isDigit(version[7])
        else { throw .version }
        guard version[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        head.isOld = version[7] == UInt8(ascii: "0")
        head.isLast = head.isOld
    }

    private mutating func takeTarget(_ target: Span<UInt8>) throws(FramingFault) {
        guard target.all(FieldSyntax.isTarget) else { throw .target }
        if target[0] == UInt8(ascii: "/") {
            head.request.target = target.text
            return
        }
        // The absolute form (RFC 9112 §3.2.2).
        guard let colon = target.first(UInt8(ascii: ":")), colon + 2 < target.count,
            target[colon + 1] == UInt8(ascii: "/"), target[colon + 2] == UInt8(ascii: "/")
        else { throw .target }
        let scheme = target.extracting(0..<colon)
        guard scheme.isName("http") || scheme.isName("https") else { throw .target }
        var end = colon + 3
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
        let authority = target.extracting((colon + 3)..<end)
        guard !authority.isEmpty, HostSyntax.accepts(authority) else { throw .target }
        self.authority = (scheme.text.lowercased(), authority.text)
        let rest = target.extracting(end..<target.count)
        head.request.target = rest.isEmpty || rest[0] != UInt8(ascii: "/") ? "/" + rest.text : rest.text
    }

    // MARK: Fields

    private mutating func takeField(_ line: Span<UInt8>) throws(FramingFault) {
        if FieldSyntax.isBlank(line[0]) { throw .foldedField }
        guard let colon = line.first(UInt8(ascii: ":")), colon > 0 else { throw .fieldName }
        let name = line.extracting(0..<colon)
        guard name.all(FieldSyntax.isToken) else { throw .fieldName }
        let value = line.extracting((colon + 1)..<line.count)
        guard value.all(FieldSyntax.isValue) else { throw .fieldValue }
        try takeField(name, value.extracting(value.trimmed))
    }

    private mutating func takeField(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(FramingFault) {
        switch name.count {
        case 4 where name.isName("host"):
            guard head.request.host == nil else { throw .severalHosts }
            guard HostSyntax.accepts(value) else { throw .host }
            head.request.host = value.text
        case 6 where name.isName("origin"): try Self.set(&head.request.origin, value)
        case 6 where name.isName("expect"):
            if value.isName("100-continue") { head.expectsContinue = true } else { hasUnknownExpectation = true }
        case 10 where name.isName("connection"):
            if value.text.split(separator: ",").contains(where: { $0.trimmed.lowercased() == "close" }) {
                head.isLast = true
            }
        case 12 where name.isName("content-type"): try Self.set(&head.request.contentType, value)
        case 13 where name.isName("authorization"): try Self.set(&head.request.authorization, value)
        case 14 where name.isName("content-length"):
            if head.length != nil { framing = framing ?? .severalLengths }
            if value.isEmpty || !value.all(FieldSyntax.isDigit) { framing = framing ?? .length }
            head.length = Int(value.text) ?? .max
        case 14 where name.isName("sec-fetch-site"): try Self.set(&head.request.fetchSite, value)
        case 16 where name.isName("content-encoding"):
            // A list, which may be split over several fields.
            let former = head.request.contentEncoding.map { $0 + ", " } ?? ""
            head.request.contentEncoding = former + value.text
        case 17 where name.isName("transfer-encoding"):
            framing = hasCoding ? .severalCodings : framing ?? codingFault(value)
            hasCoding = true
        default: break
        }
    }

    private static func set(_ member: inout String?, _ value: Span<UInt8>) throws(FramingFault) {
        guard member == nil else { throw .repeatedField }
        member = value.text
    }

    private mutating func codingFault(_ value: Span<UInt8>) -> FramingFault? {
        head.isChunked = value.isName("chunked")
        guard !head.isChunked else { return nil }
        let codings = value.text.split(separator: ",", omittingEmptySubsequences: false).map { coding in
            coding.prefix { $0 != ";" }.trimmed.lowercased()
        }
        // The end of the body is unknown, or the coding is not supported (RFC 9112 §6.1).
        let isMalformed = codings.contains { coding in
            coding == "chunked" || coding.isEmpty || !coding.utf8.allSatisfy(FieldSyntax.isToken)
        }
        return isMalformed ? .coding : .unknownCoding
    }

    // MARK: The end

    /// Checks the whole head: Host, framing, expectation and length, in this order.
    private mutating func finish() throws(FramingFault) {
        if head.request.host == nil && !head.isOld { throw .noHost }
        if let authority {
            guard let host = head.request.host, Self.sameAuthority(authority.text, host, scheme: authority.scheme)
            else {
                throw .hostMismatch
            }
        }
        if let framing { throw framing }
        if hasCoding {
            if head.length != nil { throw .lengthAndCoding }
            if head.isOld { throw .oldCoding }
        }
        if head.isOld {
            head.expectsContinue = false
        } else if hasUnknownExpectation {
            throw .expectation
        }
        if let length = head.length, length > BodyReader.maximumLength { throw .bodyTooLarge }
    }

    private static func sameAuthority(_ one: String, _ other: String, scheme: String) -> Bool {
        func normal(_ text: String) -> String {
            var text = text.lowercased()
            if text.hasSuffix(":") { text.removeLast() }
            let port = scheme == "https" ? ":443" : ":80"
            return text.hasSuffix(port) ? String(text.dropLast(port.count)) : text
        }
        return normal(one) == normal(other)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
