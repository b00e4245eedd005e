import SignetJOSE
import SignetTestSupport
import Testing

/// Tokens changed at random, from a fixed seed. No changed token may verify.
@Suite struct MutationTests {
    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0".utf8)

    @Test func changedHS256TokensAreRefused() throws {
        try survive(key: .hs256(try Forge.hs256(keyID: "live-1")), rounds: 20_000, seed: 0x5167_6E65_7401)
    }

    @Test func changedES256TokensAreRefused() throws {
        try survive(key: .es256(try Forge.es256(keyID: "live-1")), rounds: 5_000, seed: 0x5167_6E65_7402)
    }

    private func survive(key: SigningKey, rounds: Int, seed: UInt64) throws {
        let payload = #"{"scope":"widget","external_id":"customer/42","name":"Zoë","exp":1767225600}"#
        let original = Array(try CompactJWSSigner(key: key, type: "JWT").sign(Array(payload.utf8)).utf8)
        var generator = SeededGenerator(seed: seed)
        var verified = 0
        var unchanged = 0
        for round in 0..<rounds {
            var token = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) { Self.mutate(&token, using: &generator) }
            let verifies = (try? CompactJWS(parsing: token).verify(with: key.verificationKey)) != nil
            if token == original { unchanged += 1 }
            if verifies { verified += 1 }
            #expect(verifies == (token == original), "round \(round): \(String(decoding: token, as: UTF8.self))")
        }
        #expect(verified == unchanged)
        // Most rounds have to change the token, or the test is void.
        #expect(unchanged < rounds / 20)
    }

    private static func mutate(_ token: inout [UInt8], using generator: inout SeededGenerator) {
        guard !token.isEmpty else { return }
        let place = Int.random(in: token.indices, using: &generator)
        let other = Int.random(in: token.indices, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: token[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: token[place] = alphabet.randomElement(using: &generator)!
        case 2: token.insert(alphabet.randomElement(using: &generator)!, at: place)
        case 3: token.remove(at: place)
        case 4: token.swapAt(place, other)
        case 5: token.removeSubrange(place...)
        case 6: token += token[min(place, other)..<max(place, other)]
        case 7: token.replaceSubrange(place..., with: token[place...].reversed())
        // The place of spare bits and padding.
        case 8: token[token.count - 1] = alphabet.randomElement(using: &generator)!
        default: token.append(alphabet.randomElement(using: &generator)!)
        }
    }
}
