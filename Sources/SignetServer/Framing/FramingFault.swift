import SignetGateway

/// Why a request is refused before the handler gets it. The sentences never repeat what the client sent.
///
/// Section numbers are of RFC 9112.
enum FramingFault: String, CaseIterable, Error {
    // 400: the request line (§3)
    case requestLine = "the request line is not a method, a target and a version with one space between them"
    case method = "the method is not a token in upper case"
    case target =
        "the request target is not a path: it must begin with a slash and be visible ASCII without a fragment"
    case version = "the version is not HTTP/ and two digits with a dot between them"
    // 400: fields (§5)
    case lineEnd = "a line of the header does not end with CR LF"
    case foldedField = "a line of the header begins with white space; folded fields are not allowed"
    case fieldName = "the name of a header field is not a token that is followed by a colon"
    case fieldValue = "the value of a header field contains a control character"
    case repeatedField = "Authorization, Content-Type, Origin and Sec-Fetch-Site may each appear once"
    // 400: Host (§3.2)
    case noHost = "there is no Host field"
    case severalHosts = "there is more than one Host field"
    case host = "the Host field is not a host with an optional port"
    case hostMismatch = "the authority of the request target differs from the Host field"
    // 400: length and coding (§6)
    case severalLengths = "there is more than one Content-Length field"
    case length = "the Content-Length field is not one number"
    case lengthAndCoding = "there is a Content-Length field beside a Transfer-Encoding field"
    case severalCodings = "there is more than one Transfer-Encoding field"
    case coding = "the Transfer-Encoding field is not exactly \"chunked\""
    case oldCoding = "an HTTP/1.0 request has a Transfer-Encoding field"
    // 400: chunks (§7.1)
    case chunkSize = "a chunk's size is not 1 to 16 hexadecimal digits"
    case chunkExtension = "a chunk's extension contains a control character or is too long"
    case chunkEnd = "a chunk or its size line does not end with CR LF where it must"
    case tooManyChunks = "the body has too many chunks"
    case trailer = "there is a trailer field after the last chunk"
    // Other statuses
    case targetTooLong = "the request line is longer than 8,192 bytes"
    case fieldTooLong = "a header field is longer than 8,192 bytes"
    case headTooLong = "the header is longer than 32,768 bytes"
    case unknownCoding = "the only transfer coding that is supported is chunked"
    case unsupportedVersion = "the version is not HTTP/1.x"
    case expectation = "the only expectation that can be met is 100-continue"
    case bodyTooLarge = "the body is longer than 1 MiB"

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
        case 413: .tooLargeBody(rawValue)
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
            detail: "the \(part) was not complete within \(milliseconds) ms")
    }

    /// HTTP without TLS on a port with TLS.
    static let plainText = Problem(
        400, "tls-required", "The port speaks HTTPS", detail: "the request came without TLS: use https")

    /// A request for which the server has no memory.
    static let overloaded = Problem(
        503, "overloaded", "Too many requests at once",
        detail: "incomplete requests use all the memory that they may use", retryAfter: 1)
}
