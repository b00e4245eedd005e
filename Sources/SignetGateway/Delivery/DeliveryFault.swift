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
    init?(_ answer: VendorAnswer, to purpose: String) {
        let status = answer.status
        guard !(200..<300).contains(status) else { return nil }
        guard (300..<600).contains(status) else {
            self.init(
                DeliveryError(
                    .senseless,
                    "the vendor answered \(status) to the request that \(purpose): not a final status",
                    status: status), .fails)
            return
        }
        self.init(
            DeliveryError(
                .refused, "the vendor answered \(status) to the request that \(purpose)", hint: Self.hint(for: status),
                status: status, retryAfter: answer.retryAfter),
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
                    .unreachable, "the TCP connection broke before the vendor answered the request that \(purpose)"),
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
                    .senseless, "the vendor's answer to the request that \(purpose) is not HTTP, or incomplete"),
                .fails)
        case .cancelled:
            self.init(.draining, to: purpose)
        case .busy:
            self.init(
                DeliveryError(
                    .busy, "the limit of calls at once is reached: the request that \(purpose) was not sent",
                    hint: "ask again in 1 s; a higher limit of open files allows more calls at once", retryAfter: 1),
                .unknown)
        }
    }

    /// The connection has as many calls under way as it may have.
    static func busy(_ connection: String, limit: Int) -> DeliveryFault {
        DeliveryFault(
            DeliveryError(
                .busy, "connection \"\(connection)\" has reached its limit of \(limit) calls at once",
                hint: "ask again in 1 s; \"delivery.perConnection\" in the configuration is the limit", retryAfter: 1),
            .unknown)
    }

    /// The circuit breaker lets no call through.
    static func circuitOpen(retryAfter seconds: Int) -> DeliveryFault {
        DeliveryFault(
            DeliveryError(
                .circuitOpen, "the vendor failed too often in a row: it is not called for \(seconds) s (circuit open)",
                hint: "ask again in \(seconds) s", retryAfter: seconds),
            .unknown)
    }

    /// A fault that is not the vendor's.
    init(_ kind: DeliveryError.Kind, to purpose: String, _ reason: String? = nil, hint: String? = nil) {
        let words =
            switch kind {
            case .timedOut: "the time limit passed before the request that \(purpose)"
            case .draining: "the gateway is shutting down; the request that \(purpose) was abandoned"
            default: "the request that \(purpose) cannot be signed"
            }
        self.init(DeliveryError(kind, reason ?? words, hint: hint), .unknown)
    }

    private static func hint(for status: Int) -> String? {
        switch status {
        case 300..<400: "redirects are not followed: correct the connection's region or origin"
        case 401, 403: "the connection's key may not be the vendor's, or this machine's clock may be wrong"
        case 404: "the connection's ids or region may be wrong"
        default: nil
        }
    }
}
