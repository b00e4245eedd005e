import Foundation
import SignetTestSupport

/// TLS clients and certificates of the `openssl` program.
enum OpenSSL {
    /// Runs a program with empty standard input, and returns its status and output.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let (status, output) = try ChildProcess(arguments).finish()
        return (status, String(decoding: output, as: UTF8.self))
    }

    /// Creates a self-signed certificate: `NAME.pem` and `NAME.key`.
    static func makeCertificate(_ name: String, in directory: ScratchDirectory) throws {
        _ = try run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", directory.path("\(name).key"), "-out", directory.path("\(name).pem"),
        ])
    }

    /// The output of `openssl s_client` for a handshake.
    static func handshake(port: UInt16, _ options: [String] = []) throws -> String {
        try run(["openssl", "s_client", "-connect", "127.0.0.1:\(port)"] + options).output
    }
}
