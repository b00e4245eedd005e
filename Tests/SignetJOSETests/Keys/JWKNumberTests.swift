import SignetJOSE
import SignetSystem
import Testing

/// JWKs with well-formed members whose numbers do not make a key.
@Suite struct JWKNumberTests {
    static let order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"

    @Test func pointOffTheCurveIsRefused() throws {
        let off = try Base64URL.decode(JWKTests.y).dropLast() + [0]
        for d in [nil, JWKTests.d] {
            let text = JWKTests.ec(d: d).replacing(JWKTests.y, with: Base64URL.encode(off))
            #expect(JWKTests.refusedKind(text) == .inconsistent)
        }
    }

    @Test func coordinatesBeyondTheFieldAreRefused() {
        let beyond = Base64URL.encode([UInt8](repeating: 0xFF, count: 32))
        let zero = Base64URL.encode([UInt8](repeating: 0, count: 32))
        for number in [beyond, zero] {
            #expect(JWKTests.refusedKind(JWKTests.ec().replacing(JWKTests.x, with: number)) == .inconsistent)
            #expect(JWKTests.refusedKind(JWKTests.ec().replacing(JWKTests.y, with: number)) == .inconsistent)
        }
        let infinity = JWKTests.ec().replacing(JWKTests.x, with: zero).replacing(JWKTests.y, with: zero)
        #expect(JWKTests.refusedKind(infinity) == .inconsistent)
    }

    @Test func swappedCoordinatesAreRefused() {
        let swapped = #"{"kty":"EC","crv":"P-256","x":"\#(JWKTests.y)","y":"\#(JWKTests.x)"}"#
        #expect(JWKTests.refusedKind(swapped) == .inconsistent)
    }

    /// Another key's number, zero, the group's order, and the largest number of 32 bytes.
    @Test(arguments: [
        "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", Base64URL.encode([UInt8](repeating: 0, count: 32)), order,
        Base64URL.encode([UInt8](repeating: 0xFF, count: 32)),
    ])
    func privateNumberOfAnotherPointIsRefused(number: String) {
        #expect(JWKTests.refusedKind(JWKTests.ec(d: number)) == .inconsistent)
    }

    @Test func leadingZerosAreKept() throws {
        let pem = try ES256PrivateKey(contents: try Fixtures.secret("keys/leading-zero.pkcs8.pem"))
        let jwk = try ES256PrivateKey(contents: try Fixtures.secret("keys/leading-zero.private.jwk"))
        #expect(pem.publicKey.thumbprint == jwk.publicKey.thumbprint)
        #expect(pem.publicKey.coordinates.x.count == 32 && pem.publicKey.coordinates.x[0] == 0)
        let written = try pem.jwk().withUnsafeBytes { try JSONReader.value($0) }
        #expect(written["d"]?.string == Base64URL.encode([UInt8](repeating: 0, count: 30) + [0x01, 0x7B]))
        #expect(written["x"]?.string?.utf8.count == 43)
    }
}
