import Dispatch
import SignetIdentity
import SignetJOSE
import Synchronization
import Testing

/// Signers are used from several threads at once.
@Suite struct ThreadsTests {
    @Test(arguments: TestVendor.allCases)
    func eightThreadsSignAndVerify(vendor: TestVendor) throws {
        let connection = try vendor.connection()
        let context = VerificationContext(time: Moment.fixed, session: try vendor.session())
        let good = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<250 {
                guard let signed = try? vendor.signed(by: connection, subject: "\(thread)-\(number)") else { continue }
                if connection.verify(signed.token.compact, in: context).isValid {
                    good.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(good.load(ordering: .acquiring) == 2_000)
    }

    @Test func threadsDoNotMixCustomers() throws {
        let connection = try TestVendor.dg.connection()
        let wrong = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<200 {
                let subject = "\(thread)-\(number)"
                let token = (try? TestVendor.dg.signed(by: connection, subject: subject))?.token.compact ?? ""
                let payload = connection.verify(token, in: VerificationContext(time: Moment.fixed)).payload
                if payload?["external_id"]?.string != subject { wrong.add(1, ordering: .relaxed) }
            }
        }
        #expect(wrong.load(ordering: .acquiring) == 0)
    }
}
