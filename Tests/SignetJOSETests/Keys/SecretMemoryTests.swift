import SignetJOSE
import SignetSystem
import Testing

/// A released key leaves no copy in memory. Each test runs in its own process, which searches all writable memory
/// for the secret.
@Suite(.enabled(if: MemoryScan.isFeasible)) struct SecretMemoryTests {
    @Test func scanFindsACopyThatIsLeftBehind() async {
        await #expect(processExitsWith: .success) {
            let scan = MemoryScan(randomBytes: 48)
            #expect(scan.count() == 0)
            let copy = Array(scan.needle)
            #expect(scan.count() == 1)
            withExtendedLifetime(copy) {}
        }
    }

    /// Long enough that the freed memory is not reused at once.
    @Test func secretBytesAreCleansedWithTheLastReference() async {
        await #expect(processExitsWith: .success) {
            let scan = MemoryScan(randomBytes: 12_000)
            var secret: SecretBytes? = SecretBytes(copying: UnsafeRawBufferPointer(scan.needle))
            var other = secret
            #expect(scan.count() == 1)
            secret = nil
            #expect(scan.count() == 1)
            withExtendedLifetime(other) {}
            other = nil
            #expect(scan.count() == 0)
        }
    }

    @Test func failedFillLeavesNoCopy() async {
        await #expect(processExitsWith: .success) {
            let scan = MemoryScan(randomBytes: 12_000)
            _ = try? SecretBytes(capacity: 13_000) { memory throws(SignetError) -> Int in
                memory.copyMemory(from: UnsafeRawBufferPointer(scan.needle))
                throw SignetError(KeyFault.encoding, "half way")
            }
            #expect(scan.count() == 0)
        }
    }

    @Test func hmacKeyLeavesNoCopy() async {
        await #expect(processExitsWith: .success) {
            let scan = MemoryScan(randomBytes: 48)
            do {
                let secret = SecretBytes(copying: UnsafeRawBufferPointer(scan.needle))
                let key = SigningKey.hs256(try HS256Key(secret: secret))
                let token = try CompactJWSSigner(key: key).sign([])
                try verify(token, with: key.verificationKey)
                #expect(scan.count() >= 1)
            }
            #expect(scan.count() == 0)
        }
    }

    @Test(arguments: [SecretEncoding.base64, .base64url, .hex, .utf8])
    func decodedSecretLeavesNoCopy(encoding: SecretEncoding) async {
        await #expect(processExitsWith: .success) { [name = encoding.rawValue as String] in
            // Characters that are valid in all four encodings, and their bytes.
            let text = MemoryScan(length: 40_000) { needle in
                for index in needle.indices { needle[index] = "0123456789abcdef".utf8.randomElement()! }
            }
            let encoding = try #require(SecretEncoding(rawValue: name))
            do {
                let source = SecretBytes(copying: UnsafeRawBufferPointer(text.needle))
                let decoded = try encoding.decode(source)
                let bytes = MemoryScan(length: decoded.count) { needle in
                    decoded.withUnsafeBytes { needle.copyMemory(from: $0) }
                }
                // In UTF-8 the bytes are the text, so they are also in its own pages and in its source.
                #expect(bytes.count() == (encoding == .utf8 ? 3 : 1))
                _ = SecretEncoding.lookalike(of: source)
                _ = try HS256Key(secret: decoded, allowShortSecret: true)
            }
            #expect(text.count() == 0)
        }
    }

    @Test func readingASecretJWKLeavesNoCopy() async {
        await #expect(processExitsWith: .success) {
            let secret = MemoryScan(length: 40_000) { needle in
                for index in needle.indices { needle[index] = "0123456789abcdef".utf8.randomElement()! }
            }
            try autoreleased {
                let (start, end) = (#"{"kty":"oct","k":""#, #""}"#)
                let text = SecretBytes(capacity: 41_000) { memory in
                    let number = memory[start.utf8.count...].prefix(40_000)
                    UnsafeMutableRawBufferPointer(rebasing: number)
                        .copyMemory(from: UnsafeRawBufferPointer(secret.needle))
                    memory.copyBytes(from: start.utf8)
                    UnsafeMutableRawBufferPointer(rebasing: memory[number.endIndex...]).copyBytes(from: end.utf8)
                    return number.endIndex + end.utf8.count
                }
                let key = try VerificationKey(contents: text)
                #expect(key.algorithm == .hs256)
                // Only in the source.
                #expect(secret.count() == 1)
                withExtendedLifetime(text) {}
            }
            #expect(secret.count() == 0)
        }
    }

    @Test func writingAPrivateJWKLeavesNoCopy() async {
        await #expect(processExitsWith: .success) {
            let number = try autoreleased {
                try ES256PrivateKey.generate().jwk().withUnsafeBytes {
                    MemoryScan(length: 43, after: "\"d\":\"", in: $0)
                }
            }
            #expect(number.count() == 0)
        }
    }

    @Test func readingAPrivateJWKLeavesNoCopy() async {
        await #expect(processExitsWith: .success) {
            let whole = try autoreleased {
                try ES256PrivateKey.generate().jwk().withUnsafeBytes { text in
                    MemoryScan(length: text.count) { $0.copyMemory(from: text) }
                }
            }
            // The text ends with the number and a brace.
            let number = MemoryScan(length: 43) { needle in
                needle.copyMemory(from: UnsafeRawBufferPointer(rebasing: whole.needle.dropLast(2).suffix(43)))
            }
            try autoreleased {
                let text = SecretBytes(copying: UnsafeRawBufferPointer(whole.needle))
                _ = try ES256PrivateKey(contents: text)
                _ = try VerificationKey(contents: text)
                #expect { try JWKSet(contents: Array("[]".utf8)) } throws: {
                    ($0 as? SignetError)?.isFault(KeyFault.jwkMember) == true
                }
            }
            #expect(whole.count() == 0)
            // The pages of the other scan contain it once.
            #expect(number.count() == 1)
        }
    }

    @Test(arguments: ES256PrivateKey.Format.allCases)
    func privatePEMLeavesNoCopy(format: ES256PrivateKey.Format) async {
        await #expect(processExitsWith: .success) { [name = format.rawValue as String] in
            let format = try #require(ES256PrivateKey.Format(rawValue: name))
            // The end of the private number's text: in PKCS#8 its first 12 bytes fill the first line, in SEC1 the whole
            // number is in the first line. The public point follows.
            let numberEnd =
                format == .pkcs8
                ? "-----BEGIN PRIVATE KEY-----\n".utf8.count + 64
                : "-----BEGIN EC PRIVATE KEY-----\n".utf8.count + 52
            let text = try autoreleased {
                try ES256PrivateKey.generate().pem(format).withUnsafeBytes { text in
                    MemoryScan(length: text.count, publicTail: text.count - numberEnd) { $0.copyMemory(from: text) }
                }
            }
            #expect(text.count() == 0)
            try autoreleased {
                let key = try ES256PrivateKey(contents: SecretBytes(copying: UnsafeRawBufferPointer(text.needle)))
                _ = try CompactJWSSigner(key: .es256(key)).sign([])
            }
            #expect(text.count() == 0)
        }
    }
}

/// A scope whose temporaries are released when it returns.
@inline(never)
private func autoreleased<Value>(_ body: () throws -> Value) rethrows -> Value {
    try body()
}
