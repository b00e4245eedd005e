import SignetConfiguration
import SignetJOSE
import SignetSystem
import Testing

@testable import SignetGateway

/// Callers are found by the digest of their token.
@Suite struct CallerTableTests {
    private static func table(_ count: Int) -> CallerTable {
        CallerTable(
            (0..<count).map { number in
                Caller(
                    name: "caller-\(number)", tokenDigests: [digest("a-\(number)"), digest("b-\(number)")],
                    routes: ["*"])
            })
    }

    private static func digest(_ token: String) -> [UInt8] {
        SHA256.digest(Array(token.utf8))
    }

    @Test func everyTokenOfACallerLeadsToIt() {
        let table = Self.table(50)
        for number in 0..<50 {
            #expect(table.caller(presenting: "a-\(number)")?.name == "caller-\(number)")
            #expect(table.caller(presenting: "b-\(number)")?.name == "caller-\(number)")
        }
    }

    @Test(arguments: ["", "a-50", "a-1 ", "A-1", "a-1\u{0}"])
    func anotherTokenLeadsToNobody(token: String) {
        #expect(Self.table(50).caller(presenting: token) == nil)
        #expect(CallerTable([]).caller(presenting: token) == nil)
    }

    /// The digest itself is no token.
    @Test func theDigestLeadsToNobody() {
        #expect(Self.table(1).caller(presenting: Hexadecimal.encode(Self.digest("a-0"))) == nil)
    }

    /// A comparison with each of 20,000 digests takes some hundred times as long as a search among two.
    @Test func manyCallersCostAWrongTokenNoMore() {
        func fastest(_ table: CallerTable) -> Duration {
            (0..<200).map { number in ContinuousClock().measure { _ = table.caller(presenting: "wrong-\(number)") } }
                .min()
                ?? .zero
        }
        let few = fastest(Self.table(1))
        #expect(few > .zero)
        #expect(fastest(Self.table(10_000)) < few * 20)
    }
}

/// What `signet callers create` makes.
@Suite struct CallerTokenTests {
    @Test func aTokensDigestShowsWhereItWasMade() throws {
        let token = try CallerToken()
        let digest = token.text.withUnsafeBytes { SHA256.digest(Array($0.dropLast())) }
        #expect(token.digest == Hexadecimal.encode(digest))
        #expect(token.digest.hasSuffix(CallerToken.mark))
    }
}
