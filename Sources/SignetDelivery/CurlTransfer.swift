import CCurl
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// One request on its way, and what has come back of its answer.
final class CurlTransfer: @unchecked Sendable {
    // Unchecked: one task makes it and hands it to the loop; from then on only the loop's thread touches it, but for the
    // mark of cancellation.
    let handle: UnsafeMutableRawPointer
    let isCancelled = Atomic<Bool>(false)
    var answer: CurlLoop.Answer?

    private let fields: CurlFields
    private let body: SecretBytes
    private let maximumLength: Int
    /// Whether the request is on the wire. Touched by the loop's thread alone.
    private(set) var hasBegun = false
    private var headerLength = 0
    private var isHeaderComplete = false
    private var isHeaderTooLong = false
    private var isBodyTooLong = false
    private var retryAfter: String?
    private var received: [UInt8] = []

    /// What is the same for all transfers.
    struct Options: Sendable {
        let authorities: String?
        let userAgent: String

        /// The system's authorities in one file, where libcurl knows one: those it reads once, a folder for every
        /// connection anew, and on the thread of all calls.
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
        guard let handle = curl_easy_init() else { throw .notConnected("libcurl makes no handle") }
        self.handle = handle
        guard configure(request, within: limits, options: options) else {
            throw .notConnected("libcurl does not take the request")
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
            // Without these, the environment's proxies are used.
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
            // The bytes stay where they are for as long as this object is there.
            && body.withUnsafeBytes { signet_curl_set_body(handle, $0.baseAddress, $0.count) } == CURLE_OK
            && signet_curl_set_callbacks(
                handle, curlTransferBegins, curlTransferTakesField, curlTransferTakesBody,
                Unmanaged.passUnretained(self).toOpaque()) == CURLE_OK
    }

    /// Returns whether the request may be sent over the connection there is.
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
            retryAfter = nil
            isHeaderComplete = false
        } else if field.elementsEqual("\r\n".utf8) || field.elementsEqual("\n".utf8) {
            isHeaderComplete = true
        } else if retryAfter == nil {
            retryAfter = CurlFields.value(of: "retry-after", in: field)
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

    /// What came of it, once libcurl is done.
    func result(of code: CURLcode) -> Result<VendorAnswer, TransportError> {
        let status = signet_curl_status(handle)
        if isHeaderTooLong { return .failure(.tooLong) }
        if isBodyTooLong {
            // What a refusal says at length is nobody's business; that it is one is.
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

    /// Answers who waits.
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

/// Fewer bytes than there are, taken, means an end to it.
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
