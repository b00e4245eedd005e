import COpenSSL
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Synchronization
import Testing

/// Contexts are reused by many threads. Their results are compared with one-shot `HMAC()`.
@Suite struct MessageAuthenticationTests {
    static func oneShot(_ message: [UInt8], secret: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &code, nil)
        return code
    }

    static func code(of message: [UInt8], by key: MessageAuthentication) -> [UInt8]? {
        var code = [UInt8](repeating: 0, count: 32)
        return message.withUnsafeBytes { key.authenticate($0, into: &code) } ? code : nil
    }

    /// Reused contexts, and duplicated ones for a faulty OpenSSL.
    @Test(arguments: [true, false])
    func bothMethodsAgreeWithOneShotHMAC(trusts: Bool) throws {
        var generator = SeededGenerator(seed: 0x5167_6E65_7404)
        for length in [1, 31, 32, 63, 64, 65, 200] {
            let secret = generator.bytes(length)
            let key = try MessageAuthentication(
                secret: SecretBytes(copying: secret), trustsReinitialisation: trusts)
            #expect(key.reinitialises == trusts)
            for _ in 0..<300 {
                let message = generator.bytes(Int.random(in: 0...300, using: &generator))
                #expect(Self.code(of: message, by: key) == Self.oneShot(message, secret: secret))
            }
        }
    }

    @Test(arguments: [(true, 20_000), (false, 4_000)])
    func eightThreadsShareAKey(trusts: Bool, messages: Int) throws {
        let secret = Array("a secret that eight threads share".utf8)
        let key = try MessageAuthentication(secret: SecretBytes(copying: secret), trustsReinitialisation: trusts)
        let wrong = failures(onThreads: 8) { thread in
            var generator = SeededGenerator(seed: UInt64(thread))
            let noise = generator.bytes(2_000)
            return (0..<messages).allSatisfy { _ in
                let start = Int.random(in: 0..<1_000, using: &generator)
                let length = Int.random(in: 0..<1_000, using: &generator)
                let message = Array(noise[start..<(start + length)])
                return Self.code(of: message, by: key) == Self.oneShot(message, secret: secret)
            }
        }
        #expect(wrong == 0)
    }

    @Test func alternatingKeysAreNotMixed() throws {
        let secrets = [
            Array("the first of two secrets, 32 byte".utf8), Array("the second of two secrets, 32 byt".utf8),
        ]
        let keys = try secrets.map { try MessageAuthentication(secret: SecretBytes(copying: $0)) }
        let wrong = failures(onThreads: 4) { thread in
            (0..<10_000).allSatisfy { number in
                let message = Array("\(thread) \(number)".utf8)
                let index = (number + thread) % 2
                return Self.code(of: message, by: keys[index]) == Self.oneShot(message, secret: secrets[index])
            }
        }
        #expect(wrong == 0)
    }

    @Test func keysAreCreatedAndFreedOnManyThreads() {
        let wrong = failures(onThreads: 8) { thread in
            (0..<200).allSatisfy { number in
                let secret = Array("secret \(thread) \(number) of more than 32 bytes".utf8)
                guard let key = try? HS256Key(secret: SecretBytes(copying: secret)) else { return false }
                var code = [UInt8](repeating: 0, count: 32)
                let message = Array("message".utf8)
                let done = message.withUnsafeBytes { key.authenticate($0, into: &code) }
                return done && code == Self.oneShot(message, secret: secret)
            }
        }
        #expect(wrong == 0)
    }
}

@Suite struct ContextPoolTests {
    /// Fake contexts, counted when they are made and freed.
    final class Counter: Sendable {
        let made = Atomic<Int>(0)
        let freed = Atomic<Int>(0)

        func pool() -> ContextPool {
            ContextPool(
                make: { OpaquePointer(bitPattern: self.made.add(1, ordering: .relaxed).newValue) },
                free: { _ in self.freed.add(1, ordering: .relaxed) })
        }

        var counts: [Int] { [made.load(ordering: .relaxed), freed.load(ordering: .relaxed)] }
    }

    @Test func oneThreadMakesOneContext() {
        let counter = Counter()
        do {
            let pool = counter.pool()
            for _ in 0..<100 { #expect(pool.withContext { $0 == OpaquePointer(bitPattern: 1) }) }
            #expect(counter.counts == [1, 0])
        }
        #expect(counter.counts == [1, 1])
    }

    @Test func failedContextIsNotReused() {
        let counter = Counter()
        do {
            let pool = counter.pool()
            #expect(!pool.withContext { _ in false })
            #expect(counter.counts == [1, 1])
            #expect(pool.withContext { $0 == OpaquePointer(bitPattern: 2) })
        }
        #expect(counter.counts == [2, 2])
    }

    @Test func nestedContextIsAnother() {
        let counter = Counter()
        do {
            let pool = counter.pool()
            #expect(pool.withContext { outer in pool.withContext { $0 != outer } })
        }
        #expect(counter.counts == [2, 2])
    }

    @Test func missingContextIsAFailure() {
        let pool = ContextPool(make: { nil }, free: { _ in })
        #expect(!pool.withContext { _ in true })
    }

    @Test func contextsAreNeverSharedAndNeverLost() {
        let counter = Counter()
        do {
            let pool = counter.pool()
            // One flag for each possible context.
            let lent = (0...(8 * 20_000)).map { _ in Flag() }
            let wrong = failures(onThreads: 8) { _ in
                (0..<20_000).allSatisfy { _ in
                    pool.withContext { context in
                        let flag = lent[Int(bitPattern: context)]
                        let isFirst = !flag.raised.exchange(true, ordering: .acquiringAndReleasing)
                        flag.raised.store(false, ordering: .releasing)
                        return isFirst
                    }
                }
            }
            #expect(wrong == 0)
        }
        #expect(counter.counts[0] == counter.counts[1])
    }

    final class Flag: Sendable {
        let raised = Atomic<Bool>(false)
    }
}
