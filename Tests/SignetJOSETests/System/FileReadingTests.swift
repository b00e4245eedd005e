import Foundation
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@Suite struct FileReadingTests {
    let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func kind(_ body: () throws(SignetError) -> Void) -> FileFault? {
        do throws(SignetError) {
            try body()
            return nil
        } catch {
            return FileFault(rawValue: error.code)
        }
    }

    private func secretKind(_ path: String) -> FileFault? {
        kind { () throws(SignetError) in _ = try FileReading.secret(atPath: path) }
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 32_768, 32_769, 200_000])
    func filesOfAnyLengthAreReadWhole(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try FileReading.bytes(atPath: try directory.file("file", bytes)) == bytes)
    }

    @Test(arguments: [0, 1, 65_535, 65_536])
    func secretsUpTo64KiBAreReadWhole(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let (secret, status) = try FileReading.secret(atPath: try directory.file("secret", bytes))
        #expect(secret.hasSameBytes(as: SecretBytes(copying: bytes)))
        #expect(status.octalMode == "0600")
    }

    @Test func fileOverTheLimitIsRefused() throws {
        let path = try directory.file("large", [UInt8](repeating: 0, count: 65_537))
        #expect(secretKind(path) == .tooLarge)
        #expect(kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: path, limit: 65_536) } == .tooLarge)
        #expect(kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: path, limit: 65_537) } == nil)
    }

    /// An endless device.
    @Test func endlessDeviceIsTooLarge() {
        #expect(
            kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: "/dev/zero", limit: 100_000) }
                == .tooLarge
        )
        #expect(secretKind("/dev/zero") == .tooLarge)
    }

    @Test func missingFileIsNotFound() {
        #expect(secretKind("\(directory.root)/none") == .notFound)
        #expect(
            kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: "\(directory.root)/none") } == .notFound)
        #expect(kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: "") } == .notFound)
    }

    @Test func directoryIsRefusedAsDirectory() {
        #expect(secretKind(directory.root) == .isDirectory)
        #expect(kind { () throws(SignetError) in _ = try FileReading.bytes(atPath: directory.root) } == .isDirectory)
    }

    @Test func pathThroughAFileIsASystemError() throws {
        #expect(secretKind(try directory.file("file", []) + "/below") == .system)
    }

    /// Root can read every file, so this test does not run as root.
    @Test(.enabled(if: geteuid() != 0))
    func unreadableFileIsDenied() throws {
        #expect(secretKind(try directory.file("denied", [1], mode: 0o000)) == .denied)
    }

    @Test(arguments: [mode_t(0o604), 0o602, 0o606, 0o644, 0o666, 0o777, 0o002])
    func secretThatIsOpenToOthersIsRefused(mode: mode_t) throws {
        let path = try directory.file("secret", Array("text".utf8), mode: mode)
        let error = #expect(throws: SignetError.self) { try FileReading.secret(atPath: path) }
        #expect(error?.isFault(FileFault.openToOthers) == true)
        #expect(error?.hint?.contains("chmod 600 \(path)") == true)
        #expect(error?.reason.contains(String(mode, radix: 8)) == true)
    }

    @Test func openModeIsAcceptedOnRequest() throws {
        let path = try directory.file("secret", Array("text".utf8), mode: 0o604)
        let (secret, status) = try FileReading.secret(atPath: path, refusingOpenModes: false)
        #expect(secret.count == 4 && status.isOpenToOthers && !status.isReadableByGroup)
    }

    @Test(arguments: [
        (mode_t(0o600), "0600", false), (0o400, "0400", false), (0o440, "0440", true), (0o640, "0640", true),
        (0o660, "0660", true), (0o620, "0620", false), (0o4600, "4600", false), (0o611, "0611", false),
    ])
    func modeIsReported(mode: mode_t, octal: String, isReadableByGroup: Bool) throws {
        let (_, status) = try FileReading.secret(atPath: try directory.file("secret", [1], mode: mode))
        #expect(status.octalMode == octal)
        #expect(status.isReadableByGroup == isReadableByGroup)
        #expect(!status.isOpenToOthers)
    }

    @Test func modeOfALinkIsThatOfItsFile() throws {
        let path = try directory.file("secret", [1], mode: 0o644)
        try FileManager.default.createSymbolicLink(atPath: "\(directory.root)/link", withDestinationPath: path)
        #expect(secretKind("\(directory.root)/link") == .openToOthers)
    }

    /// Like `<(pass show …)`. The bytes arrive a few at a time, and the buffer must not grow each time.
    @Test func pipeIsReadToItsEnd() throws {
        let path = "\(directory.root)/pipe"
        #expect(mkfifo(path, 0o644) == 0)
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        for isSecret in [true, false] {
            Thread.detachNewThread {
                let descriptor = open(path, O_WRONLY)
                for start in stride(from: 0, to: bytes.count, by: 10) {
                    _ = bytes[start..<(start + 10)].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                    // Waits until the reader has taken it or is gone.
                    var left: Int32 = 1
                    while left > 0, ioctl(descriptor, UInt(FIONREAD), &left) == 0, left > 0 { sched_yield() }
                }
                close(descriptor)
            }
            guard isSecret else {
                #expect(try FileReading.bytes(atPath: path) == bytes)
                continue
            }
            // No user chose the mode of a pipe, so 0644 is not a fault.
            let (secret, status) = try FileReading.secret(atPath: path)
            #expect(secret.hasSameBytes(as: SecretBytes(copying: bytes)))
            #expect(status.octalMode == "0600")
        }
    }

    @Test func hyphenReadsStandardInput() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO)
            #expect(write(ends[1], "hello", 5) == 5)
            close(ends[1])
            let bytes = try FileReading.bytes(atPath: "-")
            #expect(bytes == Array("hello".utf8))
            // Standard input stays open: a duplicate is read.
            #expect(fcntl(STDIN_FILENO, F_GETFD) >= 0)
        }
    }
}
