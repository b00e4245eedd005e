import Dispatch
import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// When a vendor is left alone, and when it is asked again.
@Suite struct CircuitBreakerTests {
    private let once = DeliverySettings(attempts: 1)

    @Test(arguments: [
        Step.answers(500), .answers(503), .refuses, .fails(.reset), .fails(.timedOut), .fails(.senseless),
        .fails(.tooLong), .answers(0),
    ])
    func fiveFailuresInARowOpenIt(step: Step) async {
        let post = Post(Array(repeating: step, count: 9))
        for number in 1...5 {
            #expect(post.client.circuitState(of: "pega-us") == .closed, "before call \(number)")
            #expect(await post.failure(settings: once)?.kind != .circuitOpen)
        }
        #expect(post.client.circuitState(of: "pega-us") == .open)
        let error = await post.failure(settings: once)
        #expect(error?.kind == .circuitOpen)
        #expect(error?.retryAfter == 10)
        #expect(post.vendor.requests.count == 5)
        #expect(post.observer.states == [.open])
        #expect(post.observer.calls.last?.outcome == .failed(.circuitOpen))
    }

    @Test(arguments: [Step.answers(200), .answers(401), .answers(302)])
    func anAnswerStartsTheCountAnew(step: Step) async {
        let failures = Array(repeating: Step.answers(500), count: 4)
        let post = Post(failures + [step] + failures)
        for _ in 1...9 { _ = await post.failure(settings: once) }
        #expect(post.client.circuitState(of: "pega-us") == .closed)
    }

    @Test func patienceAskedForIsNeitherFailureNorSuccess() async {
        let failures = Array(repeating: Step.answers(500), count: 4)
        let post = Post(failures + [.answers(429), .answers(429), .answers(500)])
        for _ in 1...6 { _ = await post.failure(settings: once) }
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        _ = await post.failure(settings: once)
        #expect(post.client.circuitState(of: "pega-us") == .open)
    }

    @Test func everyTryCountsAndTheFifthOpensIt() async {
        let post = Post(Array(repeating: .answers(500), count: 15))
        #expect(await post.failure()?.status == 500)
        #expect(post.vendor.requests.count == 3)
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        // The second try of this one is the fifth in a row. Nothing is waited for after it.
        #expect(await post.failure()?.status == 500)
        #expect(post.client.circuitState(of: "pega-us") == .open)
        #expect(post.vendor.requests.count == 5)
        #expect(post.time.pauses == [100, 200, 100])
        #expect(await post.failure()?.kind == .circuitOpen)
        #expect(post.vendor.requests.count == 5)
    }

    @Test func theCallsOfOneRequestCountOneByOne() async throws {
        let post = Post([.answers(200)] + Array(repeating: .answers(500), count: 5))
        let run = post.run(settings: DeliverySettings(attempts: 5))
        _ = try await post.call(by: run)
        _ = await post.failure(by: run)
        #expect(post.client.circuitState(of: "pega-us") == .open)
        #expect(post.vendor.requests.count == 6)
    }

    /// What a vendor does with something that a page may have invented is none of the circuit's business.
    @Test(arguments: [
        Step.answers(500), .answers(503), .answers(401), .answers(302), .answers(0), .answers(429), .fails(.reset),
        .fails(.timedOut), .fails(.senseless), .fails(.tooLong),
    ])
    func whatAPageNamedNeitherOpensItNorKeepsItClosed(step: Step) async {
        let failures = Array(repeating: Step.answers(500), count: 4)
        let post = Post(Array(repeating: step, count: 9) + failures + [step, .answers(500)])
        for _ in 1...9 { #expect(await post.failure(isNamedByPage: true, settings: once) != nil) }
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        for _ in 1...4 { _ = await post.failure(settings: once) }
        _ = await post.failure(isNamedByPage: true, settings: once)
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        _ = await post.failure(settings: once)
        #expect(post.client.circuitState(of: "pega-us") == .open)
    }

    @Test func whatAPageNamedCountsWhereItWasNotSentOrWasTaken() async {
        let post = Post([.refuses, .refuses, .refuses, .refuses, .answers(200)] + Array(repeating: .refuses, count: 5))
        for _ in 1...9 { _ = await post.failure(isNamedByPage: true, settings: once) }
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        _ = await post.failure(isNamedByPage: true, settings: once)
        #expect(post.client.circuitState(of: "pega-us") == .open)
    }

    @Test func afterTenSecondsOneCallDecides() async throws {
        let post = Post(Array(repeating: .answers(500), count: 6))
        for _ in 1...5 { _ = await post.failure(settings: once) }
        post.time.pass(9_001)
        #expect(await post.failure(settings: once)?.retryAfter == 1)
        post.time.pass(999)
        #expect(post.client.circuitState(of: "pega-us") == .halfOpen)
        #expect(await post.failure(settings: once)?.kind == .refused)
        #expect(post.client.circuitState(of: "pega-us") == .open)
        #expect(await post.failure(settings: once)?.retryAfter == 10)
        post.time.pass(10_000)
        _ = try await post.call()
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        #expect(post.observer.states == [.open, .halfOpen, .open, .halfOpen, .closed])
    }

    @Test func connectionsHaveOneEach() async {
        let post = Post(Array(repeating: .answers(500), count: 5))
        for _ in 1...5 { _ = await post.failure(settings: once) }
        #expect(await post.failure()?.kind == .circuitOpen)
        #expect(await post.failure(by: post.run("pega-eu")) == nil)
        #expect(post.client.circuitState(of: "pega-eu") == .closed)
    }

    @Test func aCallUnderWayIsNotTriedAgainOnceItIsOpen() async throws {
        let time = FakeTime()
        let breaker = CircuitBreaker()
        let vendor = FakeVendor([.answers(500)], time: time)
        var clock = time.clock
        clock.random = { range in
            // Others fail while this one makes up its mind how long to wait.
            for _ in 1...5 {
                if case .admitted(let permit) = breaker.admit(at: time.now) {
                    breaker.record(.fails, for: permit, at: time.now)
                }
            }
            return range.lowerBound
        }
        let run = DeliveryRun(
            .anonymous, in: SigningContext(), on: try Post.signer().connection("pega-us"),
            settings: DeliverySettings(attempts: 9),
            deadline: time.now.advanced(byMilliseconds: 10_000), transport: vendor, observer: nil, clock: clock,
            breaker: breaker, shares: CallShares())
        let error = await #expect(throws: DeliveryError.self) {
            try await run.call("creates the session", for: .create, isNamedByPage: false)
        }
        #expect(error?.kind == .refused)
        #expect(vendor.requests.count == 1)
    }

    // MARK: The breaker alone

    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func permit(_ breaker: CircuitBreaker, at time: MonotonicTime) -> CircuitBreaker.Permit? {
        if case .admitted(let permit) = breaker.admit(at: time) { permit } else { nil }
    }

    private func opened() throws -> CircuitBreaker {
        let breaker = CircuitBreaker()
        for _ in 1...5 { breaker.record(.fails, for: try #require(permit(breaker, at: start)), at: start) }
        return breaker
    }

    /// A page could otherwise keep the trial to itself.
    @Test func whatAPageNamesIsNotTheTrialOfAHalfOpenCircuit() throws {
        let breaker = try opened()
        let later = start.advanced(byMilliseconds: CircuitBreaker.pause)
        for _ in 1...3 {
            guard case .admitted(let permit) = breaker.admit(at: later, isNamedByPage: true) else {
                Issue.record("not admitted")
                return
            }
            // Nobody has said how it went.
            _ = permit
        }
        let trial = try #require(permit(breaker, at: later))
        #expect(permit(breaker, at: later) == nil)
        breaker.record(.works, for: trial, at: later)
        #expect(breaker.state(at: later) == .closed)
    }

    @Test func whileOneCallIsOutNoOtherIsLetThrough() throws {
        let breaker = try opened()
        let later = start.advanced(byMilliseconds: CircuitBreaker.pause)
        let probe = try #require(permit(breaker, at: later))
        #expect(permit(breaker, at: later) == nil)
        breaker.record(.works, for: probe, at: later)
        #expect(permit(breaker, at: later) != nil)
    }

    @Test func aProbeThatSaysNothingMakesRoomForTheNext() throws {
        let breaker = try opened()
        let later = start.advanced(byMilliseconds: CircuitBreaker.pause)
        breaker.record(.unknown, for: try #require(permit(breaker, at: later)), at: later)
        #expect(breaker.state(at: later) == .halfOpen)
        #expect(permit(breaker, at: later) != nil)
        #expect(permit(breaker, at: later) == nil)
    }

    @Test(arguments: [CircuitBreaker.Verdict.works, .fails, .unknown])
    func whatBeganBeforeAChangeChangesNothing(verdict: CircuitBreaker.Verdict) throws {
        let breaker = CircuitBreaker()
        let early = try #require(permit(breaker, at: start))
        for _ in 1...5 { breaker.record(.fails, for: try #require(permit(breaker, at: start)), at: start) }
        breaker.record(verdict, for: early, at: start)
        #expect(breaker.state(at: start) == .open)
        let later = start.advanced(byMilliseconds: CircuitBreaker.pause)
        let probe = try #require(permit(breaker, at: later))
        breaker.record(verdict, for: early, at: later)
        #expect(permit(breaker, at: later) == nil)
        breaker.record(.works, for: probe, at: later)
        #expect(breaker.state(at: later) == .closed)
    }

    @Test func ofManyThreadsOneGetsThrough() throws {
        let breaker = try opened()
        let later = start.advanced(byMilliseconds: CircuitBreaker.pause)
        let admitted = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            if permit(breaker, at: later) != nil { admitted.withLock { $0 += 1 } }
        }
        #expect(admitted.withLock { $0 } == 1)
    }
}
