import Foundation
import SignetJOSE
import SignetSystem
import Testing

/// The environment belongs to the process, so each test changes it in its own process.
@Suite struct EnvironmentTests {
    @Test func variableIsReadByteForByte() async {
        await #expect(processExitsWith: .success) {
            setenv("SIGNET_TEST", "s\u{E9}cret \n=", 1)
            let secret = try #require(FileReading.environment("SIGNET_TEST"))
            #expect(secret.hasSameBytes(as: SecretBytes(copying: "s\u{E9}cret \n=".utf8)))
        }
    }

    @Test func emptyVariableIsEmptyAndMissingVariableIsNil() async {
        await #expect(processExitsWith: .success) {
            setenv("SIGNET_TEST", "", 1)
            #expect(FileReading.environment("SIGNET_TEST")?.count == 0)
            unsetenv("SIGNET_TEST")
            #expect(FileReading.environment("SIGNET_TEST") == nil)
        }
    }

    @Test func laterChangesDoNotReachTheSecret() async {
        await #expect(processExitsWith: .success) {
            setenv("SIGNET_TEST", "before", 1)
            let secret = try #require(FileReading.environment("SIGNET_TEST"))
            setenv("SIGNET_TEST", "after!", 1)
            #expect(secret.hasSameBytes(as: SecretBytes(copying: "before".utf8)))
        }
    }
}
