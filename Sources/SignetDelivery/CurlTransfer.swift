import CCurl
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// One request that libcurl sends, and its answer as far as it has come.
final class CurlTransfer: @unchecked Sendable {
    // Unchecked: one task makes it and hands it to the loop. From then on only the loop's thread uses it; other threads set
    // `isCancelled`.
    let handle: UnsafeMutableRawPointer
    let isCancelled = Atomic<Bool>(false)
    var answer: CurlLoop.Answer?

    private let fields: CurlFields
    private let body: SecretBytes
    private let maximumLength: Int
    /// Whether the request is on the wire. Only the loop's thread uses it.
    private(set) var hasBegun = false
    private var headerLength = 0
    private var isHeaderComplete = false
    private var isHeaderTooLong = false
    private var isBodyTooLong = false
    private var received: [UInt8] = []

    /// The options of all transfers.
    struct Options: Sendable {
        let authorities: String?
        let userAgent: String

        /// The system's authorities in one file, if libcurl knows one. libcurl reads a file once, but a folder again for every
        /// connection, on the thread of all calls.
        static let systemAuthorities: String? = {
            guard let path = signet_curl_authorities(), access(path, R_OK) == 0 else {
                return nil
            }
            return String(cString: path)
        }()
    }

    init(_ request: VendorRequest, within limits: TransportLimits, options: Options) throws(TransportError) {
        if let refusal = CurlRefusal.reason(against: request) { throw .notConnected(refusal) }
        fields = try CurlFields(request.headers)
        body = SecretBytes(copying: request.body.utf8)
        maximumLength = limits.maximumAnswerLength
        guard let handle = curl_easy_init() else { throw .notConnected("libcurl cannot create a handle") }
        self.handle = handle
        guard configure(request, within: limits, options: options) else {
            throw .notConnected("libcurl does not accept the request")
        }
    }

    deinit {
        curl_easy_cleanup(handle)
        withExtendedLifetime((fields, body)) {}
    }

    // MARK: The request

    private func configure(_ request: VendorRequest, within limits: TransportLimits, options: Options) -> Bool {
        let switches: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            (CURLOPT_PATH_AS_IS, 1), (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            // Zero would mean no limit.
            (CURLOPT_CONNECTTIMEOUT_MS, Int(max(limits.connect, 1))), (CURLOPT_TIMEOUT_MS, Int(max(limits.total, 1))),
            (CURLOPT_POST, 1),
        ]
        var texts: [(CURLoption, String?)] = [
            (CURLOPT_URL, request.url), (CURLOPT_USERAGENT, options.userAgent),
            // Otherwise libcurl uses the environment's proxies.
            (CURLOPT_PROXY, ""), (CURLOPT_NOPROXY, "*"),
        ]
        if request.method != "POST" { texts.append((CURLOPT_CUSTOMREQUEST, request.method)) }
        if let authorities = options.authorities {
            texts += [(CURLOPT_CAINFO, authorities), (CURLOPT_CAPATH, nil)]
        }
        return switches.allSatisfy { signet_curl_set_long(handle, $0.0, $0.1) == CURLE_OK }
            && texts.allSatisfy { signet_curl_set_string(handle, $0.0, $0.1) == CURLE_OK }
            && signet_curl_set_protocols(handle) == CURLE_OK && signet_curl_set_quick_exit(handle) == CURLE_OK
            && signet_curl_set_fields(handle, fields.list) == CURLE_OK
            // The bytes stay where they are for as long as this object exists.
            && body.withUnsafeBytes { signet_curl_set_body(handle, $0.baseAddress, $0.count) } == CURLE_OK
            && signet_curl_set_callbacks(
                handle, curlTransferBegins, curlTransferTakesField, curlTransferTakesBody,
                Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
    }

    /// Whether the request may be sent over the current connection.
    ///
    /// When a kept connection breaks before an answer, libcurl would send the same request again, with the same signature.
    fileprivate func begins() -> Bool {
        defer { hasBegun = true }
        return !hasBegun
    }

    // MARK: The answer

    fileprivate func takes(field: UnsafeRawBufferPointer) -> Bool {
        headerLength += field.count
        guard headerLength <= CurlTransport.maximumHeaderLength else {
            isHeaderTooLong = true
            return false
        }
        if field.starts(with: "HTTP/".utf8) {
            // The answers before it were interim ones.
            isHeaderComplete = false
        } else if field.elementsEqual("\r\n".utf8) || field.elementsEqual("\n".utf8) {
            isHeaderComplete = true
        }
        return true
    }

    fileprivate func takes(body part: UnsafeRawBufferPointer) -> Bool {
        guard received.count + part.count <= maximumLength else {
            isBodyTooLong = true
            return false
        }
        received.append(contentsOf: part)
        return true
    }

    /// The result, once libcurl is done.
    func result(of code: CURLcode) -> Result<VendorAnswer, TransportError> {
        let status = signet_curl_status(handle)
        let seconds = signet_curl_retry_after(handle)
        // A longer wait means the same as a day.
        let retryAfter = seconds > 0 ? Int(min(seconds, 86_400)) : nil
        if isHeaderTooLong { return .failure(.tooLong) }
        if isBodyTooLong {
            // The body of a refusal is not used.
            guard !(200..<300).contains(status) else { return .failure(.tooLong) }
            return .success(VendorAnswer(status: status, retryAfter: retryAfter, body: []))
        }
        guard code == CURLE_OK else {
            return .failure(TransportError(code, wasSent: hasBegun, wasAnswered: headerLength > 0))
        }
        // libcurl is content with an answer that ends in the middle of its header.
        guard isHeaderComplete else { return .failure(.senseless) }
        return .success(VendorAnswer(status: status, retryAfter: retryAfter, body: received))
    }

    /// Hands the result to the waiting task.
    func end(_ result: Result<VendorAnswer, TransportError>) {
        answer?.resume(returning: result)
        answer = nil
    }
}

// MARK: What libcurl calls

private func curlTransferBegins(
    value: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?, _: Int32,
    _: Int32
) -> Int32 {
    guard let value else { return CURL_PREREQFUNC_ABORT }
    let mayBegin = Unmanaged<CurlTransfer>.fromOpaque(value).takeUnretainedValue().begins()
    return mayBegin ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// Taking fewer bytes than there are ends the transfer.
private func curlTransferTakesField(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, value: UnsafeMutableRawPointer?
) -> Int {
    guard let value else { return 0 }
    let field = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(value).takeUnretainedValue().takes(field: field) ? field.count : 0
}

private func curlTransferTakesBody(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, value: UnsafeMutableRawPointer?
) -> Int {
    guard let value else { return 0 }
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(value).takeUnretainedValue().takes(body: part) ? part.count : 0
}

/// A request's header fields as libcurl's list. They are cleansed at the end: one of them is a token.
final class CurlFields {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    init(_ fields: [(name: String, value: String)]) throws(TransportError) {
        // With an empty Expect, libcurl sends the body without asking first.
        for (name, value) in fields + [("Expect", "")] {
            guard let longer = curl_slist_append(list, "\(name): \(value)") else {
                throw .notConnected("libcurl does not accept the header fields")
            }
            list = longer
        }
    }

    deinit {
        var next = list
        while let node = next {
            if let text = node.pointee.data {
                Memory.cleanse(UnsafeMutableRawBufferPointer(start: text, count: strlen(text)))
            }
            next = node.pointee.next
        }
        curl_slist_free_all(list)
    }
}

/// Requests that are sent to no vendor.
private enum CurlRefusal {
    /// Why a request is not sent, without anything of the request; nil if it is sent.
    static func reason(against request: VendorRequest) -> String? {
        guard let origin = origin(of: request.url) else { return "the address is not an https address" }
        // With plain http, every machine on the way could read the token.
        guard origin.scheme == "https" || origin.isLoopback else { return "the address is not https" }
        let texts = [request.method, request.url] + request.headers.flatMap { [$0.name, $0.value] }
        // A line end would make another request of it.
        guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else {
            return "the request holds a control character"
        }
        return nil
    }

    private static func origin(of url: String) -> WebOrigin? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let end = url[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        return WebOrigin(String(url[..<end]))
    }
}

extension TransportError {
    /// Translates libcurl's code.
    ///
    /// - Parameters:
    ///   - wasSent: Whether there was a connection and the request was being sent.
    ///   - wasAnswered: Whether an answer had begun, with a whole status line.
    init(_ code: CURLcode, wasSent: Bool, wasAnswered: Bool) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .notConnected("the host has no address")
        case CURLE_COULDNT_CONNECT:
            self = .notConnected("connection refused, or no route to the host")
        case CURLE_PEER_FAILED_VERIFICATION:
            self = .notConnected("the certificate is not trusted, or is not for this host")
        case CURLE_SSL_CACERT_BADFILE:
            self = .notConnected("the file of trusted authorities cannot be read")
        case _ where !wasSent:
            self = .notConnected("no connection could be made")
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_ABORTED_BY_CALLBACK:
            self = wasAnswered ? .senseless : .reset
        case CURLE_OUT_OF_MEMORY where wasAnswered:
            // A single header field is longer than libcurl's own limit.
            self = .tooLong
        default:
            self = .senseless
        }
    }
}
