import Dispatch
import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet check --deliver`: calls the vendor for a made-up customer, as the gateway would.
enum TrialDelivery {
    /// Delivers a made-up customer.
    static func deliver(
        to connection: VendorConnection, with settings: DeliverySettings
    ) throws(CommandFailure) {
        guard connection.isDelivering else {
            throw CommandFailure(
                .wrongUse, "Signet does not call the vendor of \(connection.name)",
                hint: "--deliver is for connections that create sessions, as Pega's do")
        }
        let (identity, delivery) = try reporting(as: .no) {
            let identity = Identity.customer(try connection.probeCustomer())
            return (identity, try connection.delivery(of: SigningRequest(identity), in: SigningContext()))
        }
        guard case .calls(let calls) = delivery else {
            throw CommandFailure(
                .wrongUse, "\(connection.name) calls its vendor only after a page has reported its session",
                hint: "\"sessions\" is \"report\", so --deliver is not possible")
        }
        let transport = try reporting { try CurlTransport() }
        let run = DeliveryClient(transport: transport).run(
            identity, on: connection,
            settings: settings)
        let outcome = try Waiting.value { () async -> DeliveryError? in
            do throws(DeliveryError) {
                _ = try await calls(run)
                return nil
            } catch {
                return error
            }
        }
        if let error = outcome { throw CommandFailure(error) }
    }
}

/// Waits for asynchronous work in a command that has nothing else to do.
enum Waiting {
    static func value<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) throws(CommandFailure) -> Value {
        let outcome = Lock<Value?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            let value = await work()
            outcome.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = outcome.withLock({ $0 }) else { throw CommandFailure(.outside, "there is no answer") }
        return value
    }
}
