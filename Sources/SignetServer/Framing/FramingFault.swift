import SignetGateway

/// Why a request is no proper HTTP. The sentences never repeat what was sent.
enum FramingFault: String, CaseIterable {
    case method = "The method is not a token in upper case."
    case version = "The version is neither HTTP/1.1 nor HTTP/1.0."
    case target =
        "The request target is not a path: it must begin with a slash and be visible ASCII without a fragment."
    case fieldName = "The name of a header field is not a token; mind blanks before the colon and folded lines."
    case fieldValue = "The value of a header field holds a control character."
    case shape =
        "The header is not made of lines that end with CR LF, single spaces in the request line, and no folded lines or NUL."
    case noHost = "There is no Host field."
    case severalHosts = "There is more than one Host field."
    case host = "The Host field is not a host with an optional port."
    case severalLengths = "There is more than one Content-Length field."
    case length = "The Content-Length field is not one number."
    case lengthAndCoding = "There is a Content-Length field beside a Transfer-Encoding field."
    case severalCodings = "There is more than one Transfer-Encoding field."
    case coding = "The transfer coding is not exactly one chunked."
    case oldCoding = "HTTP/1.0 has no Transfer-Encoding field."
    case trailer = "A trailer field has a name that is not a token, or a control character in its value."

    var problem: Problem {
        Problem(400, "malformed-request", "Malformed request", detail: rawValue)
    }
}

extension Problem {
    /// What a body comes to that is not even read.
    static var bodyTooLarge: Problem {
        Problem(
            413, "body-too-large", "Body too large",
            detail: "The body may have \(GatewayRequest.maximumBodyLength) bytes at most.")
    }
}
