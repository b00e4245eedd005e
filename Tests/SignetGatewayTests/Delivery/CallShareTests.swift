import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

/// How many calls a connection may have under way, and when a place is free again.
@Suite struct CallShareTests {
    private let single = DeliverySettings(perConnection: 1)

    @Test func aFullShareRefusesBeforeAnythingIsSigned() async throws {
        let post = Post([])
        let first = post.run(settings: single)
        _ = try await post.call(by: first)
        for _ in 1...9 {
            let error = await post.failure(settings: single)
            #expect(error?.kind == .busy)
            #expect(error?.retryAfter == 1)
        }
        #expect(post.signatures.count == 1)
        #expect(post.vendor.requests.count == 1)
        #expect(post.observer.calls.dropFirst().allSatisfy { $0.outcome == .failed(.busy) && $0.milliseconds == 0 })
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        first.end()
        #expect(await post.failure(settings: single) == nil)
    }

    @Test func eachConnectionHasAShareOfItsOwn() async throws {
        let post = Post([])
        let first = post.run(settings: single)
        _ = try await post.call(by: first)
        #expect(await post.failure(by: post.run("pega-eu", settings: single)) == nil)
        first.end()
    }

    @Test func oneRequestKeepsItsPlaceForItsNextCall() async throws {
        let post = Post([])
        let run = post.run(settings: single)
        _ = try await post.call(by: run)
        #expect(post.client.callsInUse(by: "pega-us") == 1)
        _ = try await post.call(by: run)
        #expect(post.client.callsInUse(by: "pega-us") == 1)
        run.end()
        run.end()
        #expect(post.client.callsInUse(by: "pega-us") == 0)
    }

    @Test func whoeverForgetsToEndGivesItsPlaceBackAllTheSame() async throws {
        let post = Post([])
        _ = try await post.call(by: post.run(settings: single))
        #expect(post.client.callsInUse(by: "pega-us") == 0)
    }

    @Test(arguments: [
        Step.answers(401), .answers(500), .answers(302), .refuses, .fails(.timedOut), .fails(.cancelled), .fails(.busy),
        .fails(.senseless),
    ])
    func aFailureGivesThePlaceBack(step: Step) async {
        let post = Post(Array(repeating: step, count: 3))
        let run = post.run(settings: single)
        #expect(await post.failure(by: run) != nil)
        #expect(post.client.callsInUse(by: "pega-us") == 0)
        withExtendedLifetime(run) {}
    }

    @Test func aRequestThatCannotBeSignedGivesThePlaceBack() async {
        let post = Post([])
        let signer = ClosureSigner(preparing: { _, _ throws(SignetError) in
            throw SignetError(SigningFault.failed, "no key")
        })
        #expect(await post.failure(by: post.run(by: signer, settings: single))?.kind == .signing)
        #expect(post.client.callsInUse(by: "pega-us") == 0)
    }

    @Test func anOpenCircuitTakesNoPlace() async {
        let post = Post(Array(repeating: .answers(500), count: 5))
        for _ in 1...2 { _ = await post.failure(settings: single) }
        let run = post.run(settings: single)
        #expect(await post.failure(by: run)?.kind == .circuitOpen)
        #expect(post.client.callsInUse(by: "pega-us") == 0)
        withExtendedLifetime(run) {}
    }

    @Test func aPauseTakesNoPlace() async throws {
        let seen = Lock<[Int]>([])
        let client = Lock<DeliveryClient?>(nil)
        let post = Post([.answers(500)]) {
            let inUse = client.withLock { $0?.callsInUse(by: "pega-us") ?? -1 }
            seen.withLock { $0.append(inUse) }
        }
        client.withLock { $0 = post.client }
        // The pause knows the client, whose clock has the pause.
        defer { client.withLock { $0 = nil } }
        _ = try await post.call(settings: single)
        #expect(seen.withLock { $0 } == [0])
    }

    @Test func aShareThatFillsUpInThePauseEndsTheTries() async throws {
        let shares = CallShares()
        let time = FakeTime()
        let vendor = FakeVendor([.answers(503)], time: time)
        var clock = time.clock
        clock.sleep = { _ throws(CancellationError) in
            #expect(shares.take(for: "pega-us", of: 1))
        }
        let run = DeliveryRun(
            .anonymous, in: SigningContext(), on: try Post.signer().connection("pega-us"), settings: single,
            deadline: time.now.advanced(byMilliseconds: 10_000),
            transport: vendor, observer: nil, clock: clock, breaker: CircuitBreaker(), shares: shares)
        let error = await #expect(throws: DeliveryError.self) {
            try await run.call("creates the session", for: .create, isNamedByPage: false)
        }
        // What the vendor said, and not that there is no place.
        #expect(error?.status == 503)
        #expect(vendor.requests.count == 1)
        #expect(shares.inUse(by: "pega-us") == 1)
        withExtendedLifetime(run) {}
    }

    /// The limit of a request is that of the configuration that it began with.
    @Test func aFullShareUsesUpNoProbeOfAHalfOpenCircuit() async throws {
        let post = Post([.answers(200)] + Array(repeating: .answers(500), count: 5))
        let out = post.run(settings: single)
        _ = try await post.call(by: out)
        let wide = DeliverySettings(attempts: 1, perConnection: 2)
        for _ in 1...5 { _ = await post.failure(settings: wide) }
        #expect(post.client.circuitState(of: "pega-us") == .open)
        post.time.pass(CircuitBreaker.pause)
        for _ in 1...3 { #expect(await post.failure(settings: single)?.kind == .busy) }
        #expect(post.client.circuitState(of: "pega-us") == .halfOpen)
        #expect(await post.failure(settings: wide) == nil)
        #expect(post.client.circuitState(of: "pega-us") == .closed)
        out.end()
    }

    @Test func aTransportThatIsFullSaysNothingOfTheVendor() async {
        let post = Post(Array(repeating: .fails(.busy), count: 9))
        for _ in 1...9 {
            let error = await post.failure()
            #expect(error?.kind == .busy)
            #expect(error?.retryAfter == 1)
        }
        #expect(post.vendor.requests.count == 9)
        #expect(post.client.circuitState(of: "pega-us") == .closed)
    }
}
