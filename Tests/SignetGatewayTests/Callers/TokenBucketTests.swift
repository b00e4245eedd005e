import SignetConfiguration
import SignetIdentity
import SignetSystem
import Testing

@testable import SignetGateway

@Suite struct TokenBucketTests {
    private func moment(_ milliseconds: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    @Test func theBurstIsThereAtOnceAndNoMore() {
        var bucket = TokenBucket(RateLimit(perSecond: 10, burst: 3), at: moment(0))
        #expect((1...4).map { _ in bucket.take(at: moment(0)) } == [nil, nil, nil, 1])
    }

    @Test func itFillsAtItsRateAndNotOverTheBurst() {
        var bucket = TokenBucket(RateLimit(perSecond: 10, burst: 3), at: moment(0))
        for _ in 1...3 { _ = bucket.take(at: moment(0)) }
        #expect(bucket.take(at: moment(99)) == 1)
        #expect(bucket.take(at: moment(100)) == nil)
        #expect(bucket.take(at: moment(100)) == 1)
        #expect((1...4).map { _ in bucket.take(at: moment(60_000)) } == [nil, nil, nil, 1])
    }

    @Test func theWaitIsToldInWholeSecondsRoundedUp() {
        var bucket = TokenBucket(RateLimit(perSecond: 1, burst: 1), at: moment(0))
        _ = bucket.take(at: moment(0))
        #expect(bucket.take(at: moment(1)) == 1)
        #expect(bucket.take(at: moment(1000)) == nil)
    }

    @Test func overAMinuteTheRateIsExact() {
        var bucket = TokenBucket(RateLimit(perSecond: 7, burst: 1), at: moment(0))
        let taken = (0..<60_000).count { bucket.take(at: moment(UInt64($0))) == nil }
        // One at the start, then 7 a second.
        #expect((420...421).contains(taken))
    }
}
