import SignetJOSE
import SignetSystem
import Testing

@Suite struct SecretBytesTests {
    @Test(arguments: [0, 1, 15, 16, 17, 4_096])
    func bytesAreCopiedAndLent(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let secret = SecretBytes(copying: bytes)
        #expect(secret.count == count)
        #expect(secret.withUnsafeBytes { Array($0) } == bytes)
        #expect(secret.withUnsafeBytes { SecretBytes(copying: $0) }.hasSameBytes(as: secret))
    }

    @Test func onlyFilledBytesAreKept() {
        let secret = SecretBytes(capacity: 10) { memory in
            for index in 0..<3 { memory[index] = UInt8(index) }
            return 3
        }
        #expect(secret.withUnsafeBytes { Array($0) } == [0, 1, 2])
    }

    @Test func errorOfTheFillClosureIsPassedOn() {
        #expect(throws: SignetError(KeyFault.encoding, "no")) {
            try SecretBytes(capacity: 10) { _ throws(SignetError) -> Int in throw SignetError(KeyFault.encoding, "no") }
        }
    }

    @Test func fillingMoreThanTheCapacityEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            _ = SecretBytes(capacity: 4) { _ in 5 }
        }
    }

    @Test(arguments: [
        ("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false),
        ("abcd", "abce", false),
        ("bbcd", "abcd", false),
    ])
    func secretsAreComparedByTheirBytes(left: String, right: String, same: Bool) {
        #expect(SecretBytes(copying: left.utf8).hasSameBytes(as: SecretBytes(copying: right.utf8)) == same)
    }

    @Test func memoryIsCleansed() {
        var bytes = [UInt8](repeating: 0xAA, count: 100)
        bytes.withUnsafeMutableBytes { Memory.cleanse(UnsafeMutableRawBufferPointer(rebasing: $0[10..<90])) }
        #expect(bytes[..<10].allSatisfy { $0 == 0xAA } && bytes[90...].allSatisfy { $0 == 0xAA })
        #expect(bytes[10..<90].allSatisfy { $0 == 0 })
        Memory.cleanse(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
}
