import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One HTTP request of a command that has nothing else to do meanwhile.
enum BlockingRequest {
    /// Posts JSON and waits for the answer, at most half a minute.
    static func post(_ url: String, _ body: String, bearer: String) throws(CommandFailure) -> VendorAnswer {
        let request = VendorRequest(
            method: "POST", url: url,
            headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(bearer)")], body: body)
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(CurlError) in try CurlTransport() }
        let outcome = Lock<Result<VendorAnswer, TransportError>>(.failure(.cancelled))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.outside, "no pipe can be made") }
        let (outlet, inlet) = (ends[0], ends[1])
        defer { close(outlet) }
        Task {
            let result: Result<VendorAnswer, TransportError>
            do throws(TransportError) {
                result = .success(
                    try await transport.send(request, within: TransportLimits(connect: 2_000, total: 30_000)))
            } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
            close(inlet)
        }
        // The pipe's end is the answer.
        var byte: UInt8 = 0
        while read(outlet, &byte, 1) < 0 && errno == EINTR {}
        switch outcome.withLock({ $0 }) {
        case .success(let answer): return answer
        case .failure: throw CommandFailure(.outside, "\(url) does not answer")
        }
    }
}
