import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// What is tried again, how often and after which pause, and what it comes to.
@Suite struct TryingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var steps: [Step]
        var tries: Int
        var pauses: [Int64] = []
        var error: DeliveryError.Kind?
        var status: Int?
        var retryAfter: Int?
        var settings = DeliverySettings()

        var testDescription: String { "\(steps)" }
    }

    static let cases = [
        Case(steps: [.answers(200)], tries: 1),
        Case(steps: [.answers(204)], tries: 1),
        Case(steps: [.answers(500), .answers(200)], tries: 2, pauses: [100]),
        Case(steps: [.answers(503), .answers(502), .answers(201)], tries: 3, pauses: [100, 200]),
        Case(
            steps: [.answers(500), .answers(502), .answers(503)], tries: 3, pauses: [100, 200], error: .refused,
            status: 503),
        Case(steps: [.refuses, .answers(200)], tries: 2, pauses: [100]),
        Case(steps: [.refuses, .refuses, .refuses], tries: 3, pauses: [100, 200], error: .unreachable),
        Case(steps: [.fails(.reset), .answers(200)], tries: 2, pauses: [100]),
        Case(
            steps: [.fails(.reset), .fails(.reset), .fails(.reset)], tries: 3, pauses: [100, 200], error: .unreachable),
        Case(steps: [.answers(429), .answers(200)], tries: 2, pauses: [100]),
        Case(steps: [.answers(429, retryAfter: 3), .answers(200)], tries: 2, pauses: [3_000]),
        Case(steps: [.answers(503, retryAfter: 0), .answers(200)], tries: 2, pauses: [100]),
        Case(steps: [.answers(429, retryAfter: 30)], tries: 1, error: .refused, status: 429, retryAfter: 30),
        Case(steps: [.answers(503, retryAfter: 10)], tries: 1, error: .refused, status: 503, retryAfter: 10),
        Case(steps: [.answers(400)], tries: 1, error: .refused, status: 400),
        Case(steps: [.answers(401)], tries: 1, error: .refused, status: 401),
        Case(steps: [.answers(404)], tries: 1, error: .refused, status: 404),
        Case(steps: [.answers(408)], tries: 1, error: .refused, status: 408),
        Case(steps: [.answers(302)], tries: 1, error: .refused, status: 302),
        Case(steps: [.answers(304)], tries: 1, error: .refused, status: 304),
        Case(steps: [.answers(0)], tries: 1, error: .senseless, status: 0),
        Case(steps: [.answers(101)], tries: 1, error: .senseless, status: 101),
        Case(steps: [.answers(600)], tries: 1, error: .senseless, status: 600),
        Case(steps: [.fails(.timedOut)], tries: 1, error: .timedOut),
        Case(steps: [.fails(.tooLong)], tries: 1, error: .senseless),
        Case(steps: [.fails(.senseless)], tries: 1, error: .senseless),
        Case(steps: [.fails(.cancelled)], tries: 1, error: .draining),
        Case(steps: [.answers(500), .fails(.timedOut)], tries: 2, pauses: [100], error: .timedOut),
        Case(steps: [.answers(500), .answers(400)], tries: 2, pauses: [100], error: .refused, status: 400),
        Case(
            steps: [.answers(500)], tries: 1, error: .refused, status: 500, settings: DeliverySettings(attempts: 1)),
        Case(
            steps: Array(repeating: .answers(429), count: 8), tries: 8,
            pauses: [100, 200, 400, 800, 1_600, 2_000, 2_000], error: .refused, status: 429,
            settings: DeliverySettings(attempts: 8)),
        // The fifth failure in a row opens the circuit.
        Case(
            steps: Array(repeating: .answers(500), count: 8), tries: 5, pauses: [100, 200, 400, 800], error: .refused,
            status: 500,
            settings: DeliverySettings(attempts: 8)),
        // 5 s, a pause of 100 ms, and 400 ms are left: the try is cut there, and not after 5 s.
        Case(
            steps: [.answers(500, after: 5_000), .answers(200, after: 450)], tries: 2, pauses: [100], error: .timedOut,
            settings: DeliverySettings(total: 5_500)),
        // The pause would be longer than what is left.
        Case(
            steps: [.answers(500, after: 4_950)], tries: 1, error: .refused, status: 500,
            settings: DeliverySettings(total: 5_000)),
    ]

    @Test(arguments: cases)
    func triesAndOutcome(of test: Case) async {
        let post = Post(test.steps)
        let start = post.time.now
        let error = await post.failure(settings: test.settings)
        #expect(error?.kind == test.error)
        #expect(error?.status == test.status)
        #expect(error?.retryAfter == test.retryAfter)
        #expect(post.vendor.requests.count == test.tries)
        #expect(post.time.pauses == test.pauses)
        #expect(post.time.now <= start.advanced(byMilliseconds: test.settings.total))
        let outcome = test.error.map(DeliveryOutcome.failed) ?? .delivered
        #expect(post.observer.calls.map(\.outcome) == [outcome])
        #expect(post.observer.calls.map(\.milliseconds) == [post.time.now.nanoseconds(since: start) / 1_000_000])
    }

    @Test func eachTryIsSignedAfresh() async throws {
        let post = Post([.answers(500), .fails(.reset), .answers(200)])
        _ = try await post.call()
        #expect(post.vendor.requests.map { $0.headers.first?.value } == ["1", "2", "3"])
        let tokens = post.vendor.requests.compactMap { $0.headers.last?.value }
        #expect(Set(tokens).count == 3 && tokens.allSatisfy { $0.hasPrefix("Bearer ey") })
    }

    @Test func aSignatureIsOfItsOwnTime() async throws {
        let post = Post([.answers(503, retryAfter: 3), .answers(200)])
        _ = try await post.call()
        #expect(post.signatures == [1_800_000_000, 1_800_000_003])
    }

    @Test func thePauseIsOfRandomLength() {
        #expect((1...9).map { BackOff.pause(afterTry: $0) { $0.lowerBound } } == Array(repeating: 0, count: 9))
        #expect(
            (1...7).map { BackOff.pause(afterTry: $0) { $0.upperBound } } == [100, 200, 400, 800, 1_600, 2_000, 2_000])
        #expect(BackOff.pause(afterTry: .max) { $0.upperBound } == 2_000)
    }

    @Test func oneBudgetForAllCalls() async throws {
        let post = Post([.answers(200, after: 4_000), .answers(200, after: 4_000), .answers(200, after: 4_000)])
        let run = post.run()
        _ = try await post.call(by: run)
        _ = try await post.call(by: run)
        #expect(await post.failure(by: run)?.kind == .timedOut)
        #expect(post.vendor.limits.map(\.total) == [5_000, 5_000, 2_000])
        #expect(post.vendor.limits.map(\.connect) == [2_000, 2_000, 2_000])
    }

    @Test func whenTheTimeIsUpNobodyIsCalled() async {
        let post = Post([])
        let run = post.run(settings: DeliverySettings(total: 1_000))
        post.time.pass(1_000)
        #expect(await post.failure(by: run)?.kind == .timedOut)
        #expect(post.vendor.requests.isEmpty)
        #expect(post.signatures.isEmpty)
    }

    @Test func anEarlierDeadlineCounts() async throws {
        let post = Post([])
        let soon = post.time.now.advanced(byMilliseconds: 700)
        _ = try await post.call(by: post.run(deadline: soon))
        let late = post.time.now.advanced(byMilliseconds: 99_000)
        _ = try await post.call(by: post.run(deadline: late))
        #expect(post.vendor.limits.map(\.total) == [700, 5_000])
        #expect(post.vendor.limits.map(\.connect) == [700, 2_000])
    }

    /// Cancels the task that calls, and asks for another try.
    private struct Interrupting: VendorTransport {
        func send(
            _ request: VendorRequest, within limits: TransportLimits
        ) async throws(TransportError) -> VendorAnswer {
            withUnsafeCurrentTask { $0?.cancel() }
            return VendorAnswer(status: 500, body: [])
        }
    }

    @Test func cancellationEndsAPause() async throws {
        let post = Post([])
        let client = DeliveryClient(transport: Interrupting(), clock: post.time.clock)
        let connection = try Post.signer().connection("pega-us")
        let task = Task { await post.failure(by: client.run(.anonymous, on: connection)) }
        #expect(await task.value?.kind == .draining)
        #expect(post.time.pauses.isEmpty)
    }

    @Test func whatCannotBeSignedIsNotSent() async {
        let post = Post([])
        let signer = ClosureSigner(preparing: { _, _ throws(SignetError) in
            throw SignetError(SigningFault.failed, "the key is gone", hint: "find it")
        })
        let error = await post.failure(by: post.run(by: signer))
        #expect(error == DeliveryError(.signing, "the key is gone", hint: "find it"))
        #expect(post.vendor.requests.isEmpty)
    }

    @Test func aTokenForTheBrowserIsNotSent() async {
        let post = Post([])
        let signer = ClosureSigner(preparing: { _, _ throws(SignetError) in
            .init(.browser(BadgeKind(rawValue: "authToken"))) { $0.null() }
        })
        #expect(await post.failure(by: post.run(by: signer))?.kind == .signing)
        #expect(post.vendor.requests.isEmpty)
    }

    @Test func errorsSayWhichRequestAndNothingOfTheAnswer() async {
        let secret = "the vendor's own words"
        for step in [Step.answers(401, body: secret), .answers(302, body: secret), .answers(503, body: secret)] {
            let error = await Post(Array(repeating: step, count: 3)).failure()
            #expect(error?.kind == .refused)
            #expect(error?.reason.hasSuffix("to the request that creates the session") == true)
            let text = error.map { String(reflecting: $0) }
            #expect(text?.contains(secret) == false)
            #expect(text?.contains("token-") == false)
        }
    }
}
