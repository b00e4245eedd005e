import SignetIdentity
import SignetJOSE
import SignetTestSupport
import Testing

@testable import SignetConfiguration
@testable import SignetRouting

/// Vectors from other programs: the hash, the buckets, and percentages that floating point gets wrong.
@Suite struct BucketVectorTests {
    private static func vectors(_ name: String) throws -> JSONValue {
        try JSONReader.value(try Fixtures.bytes("migration/\(name).json"))
    }

    @Test func hashMatchesPublishedVectors() throws {
        let rows = try #require(try Self.vectors("murmur3").array)
        #expect(rows.count > 40)
        for row in rows {
            let bytes = try #require(row["bytes"]?.string.flatMap { Self.bytes($0) })
            #expect(bytes.withUnsafeBytes { Murmur3.hash($0) } == row["hash"]?.integer.map(UInt32.init), "\(row)")
            if let text = row["text"]?.string { #expect(Array(text.utf8) == bytes) }
        }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
    }

    @Test func bucketsMatchVectors() throws {
        let rows = try #require(try Self.vectors("buckets").array)
        #expect(rows.count > 40)
        for row in rows {
            let bucket = Bucket(salt: row["salt"]?.string ?? "", value: row["value"]?.string ?? "")
            #expect(bucket.number == row["bucket"]?.integer.map(UInt64.init), "\(row)")
        }
    }

    @Test func percentageIsReadToTheThousandth() throws {
        let accepted = try #require(try Self.vectors("percentages")["accepted"]?.array)
        #expect(accepted.count > 20)
        #expect(accepted.contains { $0["edges"]?.array?.isEmpty == false })
        for row in accepted {
            let percent = try #require(row["text"]?.string.flatMap { Percentage($0) }, "\(row)")
            #expect(percent.thousandths == row["thousandths"]?.integer.map(UInt64.init))
            #expect(Percentage(percent.text) == percent)
            for edge in row["edges"]?.array ?? [] {
                let bucket = Bucket(salt: edge["salt"]?.string ?? "", value: edge["value"]?.string ?? "")
                #expect(bucket.number == edge["bucket"]?.integer.map(UInt64.init))
                #expect(.boolean(bucket.isIn(percent)) == edge["in"], "\(row["text"] ?? .null) \(edge)")
            }
        }
    }

    @Test func invalidPercentageIsRefused() throws {
        let refused = try #require(try Self.vectors("percentages")["refused"]?.array)
        #expect(refused.count > 20)
        for row in refused {
            let text = try #require(row.string)
            #expect(Percentage(text) == nil, "\(text)")
        }
    }

    private static let buckets = (0..<200_000).map { Bucket(salt: "2026-talkative", value: "customer-\($0)") }

    /// 200,000 customers: each share is within half a percent of the percentage.
    @Test(arguments: ["0", "1", "2.007", "12.5", "25", "50", "99.5", "100"])
    func shareMatchesThePercentage(text: String) throws {
        let percent = try #require(Percentage(text))
        let moved = Self.buckets.count { $0.isIn(percent) }
        let asked = Double(percent.thousandths) / 100_000
        #expect(abs(Double(moved) / Double(Self.buckets.count) - asked) < 0.005)
    }
}
