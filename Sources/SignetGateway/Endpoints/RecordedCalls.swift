import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Calls to a vendor of which the first is recorded before it is made: what is signed afresh for a later try, or for the
/// second call, belongs to the same request and the same record.
final class RecordedCalls: VendorCalling {
    private let calls: any VendorCalling
    private let metrics: GatewayMetrics
    private let record: @Sendable (SignedIdentity) async throws(SignetError) -> Void
    private let progress = Lock(Progress())

    private struct Progress {
        /// The key of what was recorded.
        var key: String?
        var failure: SignetError?
        /// Whether nobody waits any more.
        var isAbandoned = false
    }

    init(
        _ calls: any VendorCalling, metrics: GatewayMetrics,
        record: @escaping @Sendable (SignedIdentity) async throws(SignetError) -> Void
    ) {
        self.calls = calls
        self.metrics = metrics
        self.record = record
    }

    /// Why nothing could be recorded, if that is what stopped the calls.
    var failure: SignetError? {
        progress.withLock { $0.failure }
    }

    /// The name of the key that signed, once something was signed.
    var key: String? {
        progress.withLock { $0.key }
    }

    /// Nothing more is sent after the call that is out.
    func abandon() {
        progress.withLock { $0.isAbandoned = true }
    }

    func call(
        _ purpose: String, isNamedByPage: Bool,
        signing sign: @escaping @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) async throws(DeliveryError) -> VendorAnswer {
        guard !progress.withLock({ $0.isAbandoned }) else {
            throw DeliveryError(.timedOut, "nobody waits for the request that \(purpose)")
        }
        let sign = signing(purpose, sign)
        // Once the first call is made, the second one belongs to it: a session without its identity helps nobody. So it does not end
        // with a task whose client has left.
        guard key != nil else { return try await calls.call(purpose, isNamedByPage: isNamedByPage, signing: sign) }
        let calls = calls
        return try await Task { () async -> Result<VendorAnswer, DeliveryError> in
            do throws(DeliveryError) {
                return .success(try await calls.call(purpose, isNamedByPage: isNamedByPage, signing: sign))
            } catch {
                return .failure(error)
            }
        }.value.get()
    }

    /// Signs and records.
    private func signing(
        _ purpose: String, _ sign: @escaping @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity
    ) -> @Sendable (NumericDate) async throws(SignetError) -> SignedIdentity {
        { [self] time async throws(SignetError) in
            // Another try is no longer worth it either.
            guard !progress.withLock({ $0.isAbandoned }) else {
                throw SignetError(SigningFault.failed, "nobody waits for the request that \(purpose)")
            }
            let start = MonotonicTime.now
            let signed = try await sign(time)
            metrics.signed(
                vendor: signed.vendor, connection: signed.connection,
                nanoseconds: MonotonicTime.now.nanoseconds(since: start))
            try await recordOnce(signed)
            // The disk may have taken longer than anybody waits.
            guard !progress.withLock({ $0.isAbandoned }) else {
                throw SignetError(SigningFault.failed, "nobody waits for the request that \(purpose)")
            }
            return signed
        }
    }

    private func recordOnce(_ signed: SignedIdentity) async throws(SignetError) {
        // The calls of one request come one after the other, so nobody else can record in between.
        guard progress.withLock({ $0.key == nil }) else { return }
        do {
            try await record(signed)
            progress.withLock { $0.key = signed.key }
        } catch {
            progress.withLock { $0.failure = error }
            throw SignetError(SigningFault.failed, error.reason)
        }
    }
}
