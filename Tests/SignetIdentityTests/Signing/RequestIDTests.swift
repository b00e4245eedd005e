import SignetIdentity
import Testing

/// Request ids are random UUIDs.
@Suite struct RequestIDTests {
    @Test func requestIDsAreVersion4UUIDs() throws {
        let form = try Regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        for _ in 0..<2_000 {
            let id = RequestID.make()
            #expect(id.wholeMatch(of: form) != nil, "\(id)")
        }
    }

    @Test func requestIDsDiffer() {
        #expect(Set((0..<10_000).map { _ in RequestID.make() }).count == 10_000)
    }

    @Test func contextsGetTheirOwnRequestID() {
        #expect(SigningContext().requestID != SigningContext().requestID)
    }
}
