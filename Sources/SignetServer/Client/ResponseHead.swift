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
        let days = seconds / 86_400
        let second = seconds % 86_400
        // Howard Hinnant's civil_from_days: years begin in March, so that the leap day is the last day.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
        let date = "\(weekdays[Int(days % 7)]), \(two(day)) \(names[Int(month - 1)]) \(year)"
        return Array("Date: \(date) \(time) GMT\r\n".utf8)
    }
}
