import Foundation
import SignetTestSupport

/// The programs on the other side of TLS.
enum OpenSSL {
    /// Runs a program with nothing on its standard input, and gives its status and what it printed.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let (status, output) = try ChildProcess(arguments).finish()
        return (status, String(decoding: output, as: UTF8.self))
    }

    /// Makes a certificate that signs itself: `NAME.pem` and `NAME.key`.
    static func makeCertificate(_ name: String, in directory: ScratchDirectory) throws {
        _ = try run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", directory.path("\(name).key"), "-out", directory.path("\(name).pem"),
        ])
    }

    /// What `openssl s_client` says about a handshake.
    static func handshake(port: UInt16, _ options: [String] = []) throws -> String {
        try run(["openssl", "s_client", "-connect", "127.0.0.1:\(port)"] + options).output
    }
}
