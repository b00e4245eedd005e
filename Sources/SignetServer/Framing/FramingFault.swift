import SignetGateway

/// Why a request is refused before the handler gets it. The sentences never repeat what the client sent.
///
/// Section numbers are of RFC 9112.
enum FramingFault: String, CaseIterable, Error {
    // 400: the request line (§3)
    case requestLine = "The request line is not a method, a target and a version with one space between them."
    case method = "The method is not a token in upper case."
    case target =
        "The request target is not a path: it must begin with a slash and be visible ASCII without a fragment."
    case version = "The version is not HTTP/ and two digits with a dot between them."
    // 400: fields (§5)
    case lineEnd = "A line of the header does not end with CR LF."
    case foldedField = "A line of the header begins with white space; folded fields are not allowed."
    case fieldName = "The name of a header field is not a token that is followed by a colon."
    case fieldValue = "The value of a header field holds a control character."
    case repeatedField = "Authorization, Content-Type, Origin and Sec-Fetch-Site may each appear once."
    // 400: Host (§3.2)
    case noHost = "There is no Host field."
    case severalHosts = "There is more than one Host field."
    case host = "The Host field is not a host with an optional port."
    case hostMismatch = "The authority of the request target is not the Host field's."
    // 400: length and coding (§6)
    case severalLengths = "There is more than one Content-Length field."
    case length = "The Content-Length field is not one number."
    case lengthAndCoding = "There is a Content-Length field beside a Transfer-Encoding field."
    case severalCodings = "There is more than one Transfer-Encoding field."
    case coding = "The Transfer-Encoding field is not exactly \"chunked\"."
    case oldCoding = "HTTP/1.0 has no Transfer-Encoding field."
    // 400: chunks (§7.1)
    case chunkSize = "A chunk's size is not 1 to 16 hexadecimal digits."
    case chunkExtension = "A chunk's extension holds a control character or is too long."
    case chunkEnd = "A chunk or its size line does not end with CR LF where it must."
    case tooManyChunks = "The body has too many chunks."
    case trailer = "There is a trailer field after the last chunk."
    // Other statuses
    case targetTooLong = "The request line is longer than 8,192 bytes."
    case fieldTooLong = "A header field is longer than 8,192 bytes."
    case headTooLong = "The header is longer than 32,768 bytes."
    case unknownCoding = "The transfer coding is not supported; only chunked is."
    case unsupportedVersion = "The version is not HTTP/1.x."
    case expectation = "The only expectation that can be met is 100-continue."
    case bodyTooLarge = "The body is longer than 1 MiB."

    /// The HTTP status of the answer.
    var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .expectation: 417
        case .fieldTooLong, .headTooLong: 431
        case .unknownCoding: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }

    var problem: Problem {
        switch status {
        case 413: Problem(413, "body-too-large", "The body is too large", detail: rawValue)
        case 414: Problem(414, "target-too-long", "The request target is too long", detail: rawValue)
        case 417: Problem(417, "expectation-failed", "The expectation cannot be met", detail: rawValue)
        case 431: Problem(431, "header-too-large", "The header is too large", detail: rawValue)
        case 501: Problem(501, "coding-not-supported", "The transfer coding is not supported", detail: rawValue)
        case 505: Problem(505, "version-not-supported", "The version of HTTP is not supported", detail: rawValue)
        default: Problem(400, "malformed-request", "The request is malformed", detail: rawValue)
        }
    }
}

extension Problem {
    /// A request that was not complete in time.
    static func requestTimeout(_ part: String, milliseconds: Int64) -> Problem {
        Problem(
            408, "request-timeout", "The request took too long",
            detail: "The \(part) was not complete within \(milliseconds) ms.")
    }

    /// HTTP without TLS on a port with TLS.
    static let plainText = Problem(
        400, "tls-required", "The port speaks HTTPS", detail: "The request came without TLS.")

    /// A request for which the server has no memory.
    static let overloaded = Problem(
        503, "overloaded", "Too many requests at once",
        detail: "The requests that are not complete use all the memory that they may.", retryAfter: 1)
}
