import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport

/// Time that passes only when somebody says so.
final class FakeTime: Sendable {
    private struct State {
        var milliseconds: UInt64 = 1_000_000
        var pauses: [Int64] = []
    }

    private let state = Lock(State())

    /// The pauses that were made, in milliseconds.
    var pauses: [Int64] { state.withLock { $0.pauses } }
    var now: MonotonicTime { state.withLock { MonotonicTime(nanoseconds: $0.milliseconds * 1_000_000) } }

    func pass(_ milliseconds: Int64) {
        state.withLock { $0.milliseconds += UInt64(milliseconds) }
    }

    /// A clock whose pauses take as long as they should and no time, and whose chance is always the largest number.
    var clock: DeliveryClock {
        DeliveryClock(
            now: { self.now },
            date: {
                let seconds = self.state.withLock { Int64($0.milliseconds / 1_000) }
                return NumericDate(seconds: 1_800_000_000 - 1_000 + seconds)
            },
            sleep: { milliseconds throws(CancellationError) in
                if Task.isCancelled { throw CancellationError() }
                self.state.withLock { $0.pauses.append(milliseconds) }
                self.pass(milliseconds)
            },
            random: { $0.upperBound })
    }
}

/// What a vendor does with one request, and how long that takes it.
struct Step: Sendable, CustomStringConvertible {
    var result: Result<VendorAnswer, TransportError>
    var milliseconds: Int64

    static func answers(
        _ status: Int, retryAfter: Int? = nil, body: String = "{}", after milliseconds: Int64 = 10
    ) -> Step {
        Step(
            result: .success(VendorAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8))),
            milliseconds: milliseconds)
    }

    static func fails(_ error: TransportError, after milliseconds: Int64 = 10) -> Step {
        Step(result: .failure(error), milliseconds: milliseconds)
    }

    static let refuses = Step.fails(.notConnected("connection refused, or no route to the host"))

    var description: String {
        switch result {
        case .success(let answer): "\(answer.status)" + (answer.retryAfter.map { " (\($0))" } ?? "")
        case .failure(let error): "\(error)"
        }
    }
}

/// A vendor that follows a script, and answers 200 after its end.
final class FakeVendor: VendorTransport {
    private struct State {
        var steps: [Step]
        var requests: [VendorRequest] = []
        var limits: [TransportLimits] = []
    }

    private let time: FakeTime
    private let state: Lock<State>

    init(_ steps: [Step], time: FakeTime) {
        self.time = time
        state = Lock(State(steps: steps))
    }

    var requests: [VendorRequest] { state.withLock { $0.requests } }
    var limits: [TransportLimits] { state.withLock { $0.limits } }

    func send(
        _ request: VendorRequest, within limits: TransportLimits
    ) async throws(TransportError) -> VendorAnswer {
        if Task.isCancelled { throw .cancelled }
        let step = state.withLock { state in
            state.requests.append(request)
            state.limits.append(limits)
            return state.steps.isEmpty ? Step.answers(200) : state.steps.removeFirst()
        }
        time.pass(min(step.milliseconds, limits.total))
        if step.milliseconds > limits.total { throw .timedOut }
        return try step.result.get()
    }
}

/// Hears everything and remembers it.
final class Observer: DeliveryObserving {
    struct Call: Equatable {
        let connection: String
        let outcome: DeliveryOutcome
        let milliseconds: UInt64
    }

    private let heard = Lock<(calls: [Call], states: [CircuitState])>(([], []))

    var calls: [Call] { heard.withLock { $0.calls } }
    var states: [CircuitState] { heard.withLock { $0.states } }

    func called(connection: String, outcome: DeliveryOutcome, nanoseconds: UInt64) {
        let call = Call(connection: connection, outcome: outcome, milliseconds: nanoseconds / 1_000_000)
        heard.withLock { $0.calls.append(call) }
    }

    func circuitChanged(connection: String, to state: CircuitState) {
        heard.withLock { $0.states.append(state) }
    }
}

/// A client and everything around it.
struct Post {
    let time = FakeTime()
    let vendor: FakeVendor
    let observer = Observer()
    let client: DeliveryClient
    /// The times of signing.
    private let signed = Lock<[Int64]>([])

    /// - Parameter pausing: Done in each pause before another try.
    init(_ steps: [Step], pausing: @escaping @Sendable () -> Void = {}) {
        vendor = FakeVendor(steps, time: time)
        var clock = time.clock
        clock.sleep = { [sleep = clock.sleep] milliseconds throws(CancellationError) in
            pausing()
            try await sleep(milliseconds)
        }
        client = DeliveryClient(transport: vendor, observer: observer, clock: clock)
    }

    /// The times of all signatures, in Unix time.
    var signatures: [Int64] { signed.withLock { $0 } }

    /// A run of a connection whose signer numbers what it prepares.
    func run(
        _ connection: String = "pega-us", settings: DeliverySettings = DeliverySettings(),
        deadline: MonotonicTime? = nil, recording record: DeliveryRun.Recording? = nil
    ) -> DeliveryRun {
        run(
            by: Self.signer { [signed] time in
                signed.withLock { times in
                    times.append(time.seconds)
                    return times.count
                }
            }, connection, settings: settings, deadline: deadline, recording: record)
    }

    /// A signer for the backend. Each request has the number that `number` returns for its time.
    static func signer(_ number: @escaping @Sendable (NumericDate) -> Int = { _ in 0 }) -> ClosureSigner {
        ClosureSigner(preparing: { _, context throws(SignetError) in
            let number = number(context.time)
            let request = VendorRequest(
                method: "POST", url: "https://vendor.example/", headers: [("X-Number", "\(number)")], body: "{}")
            return .init(.backend(request)) { $0.integer(Int64(number)) }
        })
    }

    func run(
        by signer: ClosureSigner, _ connection: String = "pega-us", settings: DeliverySettings = DeliverySettings(),
        deadline: MonotonicTime? = nil, recording record: DeliveryRun.Recording? = nil
    ) -> DeliveryRun {
        do {
            return client.run(
                .anonymous, on: try signer.connection(connection), settings: settings,
                deadline: deadline, recording: record)
        } catch {
            fatalError("\(error)")
        }
    }

    /// Makes one call.
    func call(
        by run: DeliveryRun? = nil, isNamedByPage: Bool = false, settings: DeliverySettings = DeliverySettings()
    ) async throws(DeliveryError) -> VendorAnswer {
        try await (run ?? self.run(settings: settings)).call(
            "creates the session", for: .create, isNamedByPage: isNamedByPage)
    }

    /// The error of a call that fails.
    func failure(
        by run: DeliveryRun? = nil, isNamedByPage: Bool = false, settings: DeliverySettings = DeliverySettings()
    ) async -> DeliveryError? {
        do {
            _ = try await call(by: run, isNamedByPage: isNamedByPage, settings: settings)
            return nil
        } catch {
            return error
        }
    }
}
