import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// One HTTP request of a command that has nothing else to do meanwhile.
enum BlockingRequest {
    /// Posts JSON and waits for the answer, at most half a minute.
    static func post(_ url: String, _ body: String, bearer: String) throws(CommandFailure) -> VendorAnswer {
        let request = VendorRequest(
            method: "POST", url: url,
            headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(bearer)")], body: body)
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(SignetError) in try CurlTransport() }
        let answer = try Waiting.value { () async -> VendorAnswer? in
            try? await transport.send(request, within: TransportLimits(connect: 2_000, total: 30_000))
        }
        guard let answer else { throw CommandFailure(.outside, "\(url) does not answer") }
        return answer
    }
}
