import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import Testing

/// A request as vendors get them.
func vendorRequest(
    _ url: String, method: String = "POST", headers: [(name: String, value: String)] = [], body: String = "{}"
) -> VendorRequest {
    VendorRequest(
        method: method, url: url,
        headers: [("Content-Type", "application/json"), ("Authorization", "Bearer a.b.c")] + headers, body: body)
}

/// Limits that no test should come near.
let ample = TransportLimits(connect: 100_000, total: 100_000)

extension CurlTransport {
    /// What came of a request, as a value.
    func outcome(
        of request: VendorRequest, within limits: TransportLimits = ample
    ) async -> Result<VendorAnswer, TransportError> {
        do {
            return .success(try await send(request, within: limits))
        } catch {
            return .failure(error)
        }
    }

    /// Why a request has no answer.
    func failure(of request: VendorRequest, within limits: TransportLimits = ample) async -> TransportError? {
        if case .failure(let error) = await outcome(of: request, within: limits) { error } else { nil }
    }
}
