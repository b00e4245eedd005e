import SignetGateway
import SignetIdentity

/// Writes the head of an answer (RFC 9112 §4 and §6).
enum ResponseHead {
    /// Appends the status line, the handler's fields and the server's own.
    ///
    /// - Parameter isLast: Whether the socket is closed after this answer.
    static func append(
        _ response: GatewayResponse, in context: WorkerContext, isLast: Bool, to bytes: inout [UInt8]
    ) {
        let isOK = response.status == 200
        if !isOK { appendStatus(response.status, to: &bytes) }
        let date = isOK ? context.okAndDate : context.date
        bytes.append(copying: date.span)
        var hasID = false
        for (name, value) in response.headers {
            let (name, value) = (name.utf8, value.utf8)
            guard isAllowed(name.span, value.span) else { continue }
            if name.count == 12, name.span.isName("x-request-id") { hasID = true }
            bytes.append(copying: name.span)
            bytes.append(": ")
            bytes.append(copying: value.span)
            bytes.append("\r\n")
        }
        if !hasID {
            bytes.append("X-Request-Id: ")
            bytes.append(copying: RequestID.make().utf8.span)
            bytes.append("\r\n")
        }
        if hasBody(response.status) {
            bytes.append("Content-Length: ")
            append(response.body.count, to: &bytes)
            bytes.append("\r\n")
        }
        bytes.append(isLast ? "Connection: close\r\n\r\n" : "\r\n")
    }

    static func appendStatus(_ status: Int, to bytes: inout [UInt8]) {
        bytes.append("HTTP/1.1 ")
        append(status, to: &bytes)
        bytes.append(" ")
        bytes.append(phrases[status] ?? "Status")
        bytes.append("\r\n")
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        if number > 9 { append(number / 10, to: &bytes) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Whether an answer of this status can have a body.
    static func hasBody(_ status: Int) -> Bool {
        status >= 200 && status != 204 && status != 304
    }

    /// Whether the handler may set this field, and its bytes form exactly one field. Other fields are left out.
    private static func isAllowed(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        guard !name.isEmpty, name.all(FieldSyntax.isToken), value.all(FieldSyntax.isValue) else { return false }
        return switch name.count {
        case 4: !name.isName("date")
        case 10: !name.isName("connection")
        case 14: !name.isName("content-length")
        case 17: !name.isName("transfer-encoding")
        default: true
        }
    }

    private static let phrases: [Int: StaticString] = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
        302: "Found", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 417: "Expectation Failed", 422: "Unprocessable Content",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
        505: "HTTP Version Not Supported",
    ]
}

/// The Date field of an answer (RFC 9110 §5.6.7).
enum DateField {
    /// The whole field for a time in seconds of Unix time.
    static func bytes(_ seconds: Int64) -> [UInt8] {
        // 2026-01-31T12:00:00Z
        let text = Array(NumericDate(seconds: seconds).rfc3339)
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let month = names[(Int(String(text[5..<7])) ?? 1) - 1]
        let (year, day, time) = (String(text[..<4]), String(text[8..<10]), String(text[11..<19]))
        let date = "\(weekdays[Int(seconds / 86_400 % 7)]), \(day) \(month) \(year)"
        return Array("Date: \(date) \(time) GMT\r\n".utf8)
    }
}
