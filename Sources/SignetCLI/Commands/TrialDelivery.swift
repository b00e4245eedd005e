import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `signet check --deliver`: the vendor itself is called for a made-up customer, as the gateway would call it.
enum TrialDelivery {
    /// Delivers, and says nothing if that worked.
    static func deliver(
        to connection: VendorConnection, with settings: GatewaySettings.DeliveryTimes
    ) throws(CommandFailure) {
        guard let signer = connection.signer as? any BackendDelivering else {
            throw CommandFailure(
                .wrongUse, "\(connection.name) is of a vendor whose backend is not called",
                hint: "--deliver is for connections that make sessions, as Pega's do")
        }
        let delivery = try failing({ CommandFailure(.no, $0) }) { () throws(SigningError) in
            try signer.delivery(of: DeliveryOrder(.customer(try connection.probeCustomer())))
        }
        guard case .calls(let calls) = delivery else {
            throw CommandFailure(
                .wrongUse, "\(connection.name) calls nobody before a page has reported its session",
                hint: "\"sessions\" is \"report\": only a page can begin")
        }
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(CurlError) in try CurlTransport() }
        let run = DeliveryClient(transport: transport).run(
            connection: connection.name,
            settings: DeliverySettings(
                connect: settings.connect, call: settings.call, total: settings.total, attempts: settings.attempts))
        let outcome = try Waiting.value { () async -> DeliveryError? in
            do throws(DeliveryError) {
                _ = try await calls(run)
                return nil
            } catch {
                return error
            }
        }
        if let error = outcome { throw CommandFailure(error.kind == .refused ? .no : .outside, error) }
    }
}

/// Waits for something asynchronous in a command that has nothing else to do meanwhile.
enum Waiting {
    static func value<Value: Sendable>(
        _ work: @escaping @Sendable () async -> Value
    ) throws(CommandFailure) -> Value {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFailure(.outside, "no pipe can be made") }
        let (outlet, inlet) = (ends[0], ends[1])
        defer { close(outlet) }
        let outcome = Lock<Value?>(nil)
        Task {
            let value = await work()
            outcome.withLock { $0 = value }
            close(inlet)
        }
        // The pipe's end is the answer.
        var byte: UInt8 = 0
        while read(outlet, &byte, 1) < 0 && errno == EINTR {}
        guard let value = outcome.withLock({ $0 }) else { throw CommandFailure(.outside, "there is no answer") }
        return value
    }
}
