import SignetIdentity

/// Why one try failed, and what that means for the next one and for the circuit breaker.
struct DeliveryFault: Error {
    let error: DeliveryError
    let mayBeTriedAgain: Bool
    private let verdict: CircuitBreaker.Verdict
    private let wasSent: Bool

    private init(
        _ error: DeliveryError, again: Bool = false, _ verdict: CircuitBreaker.Verdict, wasSent: Bool = true
    ) {
        self.error = error
        mayBeTriedAgain = again
        self.verdict = verdict
        self.wasSent = wasSent
    }

    /// Whether the vendor works, judged by this try. An answer about a session that a page named does not count: the page may
    /// have invented it, and could open the circuit for all callers, or keep it closed.
    func verdict(isNamedByPage: Bool) -> CircuitBreaker.Verdict {
        isNamedByPage && wasSent ? .unknown : verdict
    }

    /// What is wrong with an answer; nil for a 2xx.
    init?(_ answer: VendorAnswer, to purpose: String, at now: NumericDate) {
        let status = answer.status
        guard !(200..<300).contains(status) else { return nil }
        guard (300..<600).contains(status) else {
            self.init(
                DeliveryError(
                    .senseless,
                    "the vendor answered \(status) to the request that \(purpose), which is no final status",
                    status: status), .fails)
            return
        }
        let wait = answer.retryAfter.flatMap { RetryAfter.seconds($0, at: now) }
        self.init(
            DeliveryError(
                .refused, "the vendor answered \(status) to the request that \(purpose)", hint: Self.hint(for: status),
                status: status, retryAfter: wait.map(Int.init)),
            again: status == 429 || status >= 500,
            // A vendor that refuses or redirects works. One that asks to wait may work or not.
            status >= 500 ? .fails : status == 429 ? .unknown : .works)
    }

    /// Why there is no answer.
    init(_ error: TransportError, to purpose: String) {
        switch error {
        case .notConnected(let why):
            self.init(
                DeliveryError(
                    .unreachable, "there is no connection to the vendor for the request that \(purpose): \(why)"),
                again: true, .fails, wasSent: false)
        case .reset:
            self.init(
                DeliveryError(
                    .unreachable, "the vendor broke off before it answered the request that \(purpose)"),
                again: true, .fails)
        case .timedOut:
            self.init(
                DeliveryError(.timedOut, "the vendor did not answer the request that \(purpose) in time"), .fails)
        case .tooLong:
            self.init(
                DeliveryError(.senseless, "the vendor's answer to the request that \(purpose) is too long"), .fails)
        case .senseless:
            self.init(
                DeliveryError(
                    .senseless, "the vendor's answer to the request that \(purpose) is no HTTP, or broke off"),
                .fails)
        case .cancelled:
            self.init(.draining, to: purpose)
        case .busy:
            self.init(
                DeliveryError(
                    .busy, "as many calls are under way as can be: the request that \(purpose) was not sent",
                    hint: "ask again in 1 s; a higher limit of open files allows more calls at once", retryAfter: 1),
                .unknown)
        }
    }

    /// The connection has as many calls under way as it may have.
    static func busy(_ connection: String, limit: Int) -> DeliveryFault {
        DeliveryFault(
            DeliveryError(
                .busy, "connection \"\(connection)\" has \(limit) calls under way, and may have no more at once",
                hint: "ask again in 1 s; \"delivery.perConnection\" in the configuration is the limit", retryAfter: 1),
            .unknown)
    }

    /// The circuit breaker lets no call through.
    static func circuitOpen(retryAfter seconds: Int) -> DeliveryFault {
        DeliveryFault(
            DeliveryError(
                .circuitOpen, "the vendor failed too often in a row and is not called for a while (circuit open)",
                hint: "ask again in \(seconds) s", retryAfter: seconds),
            .unknown)
    }

    /// A fault that is not the vendor's.
    init(_ kind: DeliveryError.Kind, to purpose: String, _ reason: String? = nil, hint: String? = nil) {
        let words =
            switch kind {
            case .timedOut: "the time was up before the request that \(purpose)"
            case .draining: "the gateway is going down; the request that \(purpose) was given up"
            default: "the request that \(purpose) cannot be signed"
            }
        self.init(DeliveryError(kind, reason ?? words, hint: hint), .unknown)
    }

    private static func hint(for status: Int) -> String? {
        switch status {
        case 300..<400: "redirects are not followed: the connection's region or origin has to be the right one"
        case 401, 403: "the connection's key may not be the vendor's, or this machine's clock may be wrong"
        case 404: "the vendor may not know the connection's ids, or the region is another one"
        default: nil
        }
    }
}

/// The `Retry-After` header field (RFC 9110 §10.2.3): seconds, or a date as IMF-fixdate (§5.6.7).
package enum RetryAfter {
    /// The longest wait, in seconds. A larger number means the same.
    private static let longest: Int64 = 86_400

    /// After how many seconds to ask again; nil for any other text. The two obsolete forms of dates are not read.
    package static func seconds(_ field: String, at now: NumericDate) -> Int64? {
        let text = field.trimming { $0 == " " || $0 == "\t" }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return min(Int64(text) ?? longest, longest)
        }
        guard let date = date(text) else { return nil }
        return min(max(date.seconds - now.seconds, 0), longest)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`. The day's name is not checked.
    private static func date(_ text: String) -> NumericDate? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
            let month = months.firstIndex(where: { parts[2] == $0 })
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return NumericDate(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}

extension String {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
