import SignetGateway
import SignetJOSE
import SignetRouting
import SignetServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Configuration {
    /// The gateway's own certificate, if it has one.
    ///
    /// - Throws: ``ConfigurationError`` placed at the file that is at fault.
    func certificate() throws(ConfigurationError) -> TLSMaterial? {
        guard let files = gateway.tls else { return nil }
        let chain: [UInt8]
        do {
            chain = try FileReading.bytes(atPath: files.certificate)
        } catch {
            throw fault(["tls", "certificate"], error, isExternal: true)
        }
        let key: SecretBytes
        do {
            key = try FileReading.secret(atPath: files.key).0
        } catch {
            throw fault(["tls", "key"], error, isExternal: true)
        }
        do {
            return try TLSMaterial(certificate: chain, key: key)
        } catch {
            throw fault(["tls"], error, isExternal: false)
        }
    }

    /// A certificate that can be read, and that clients refuse.
    func certificateDiagnostic(_ fault: String) -> Diagnostic {
        source.diagnostic(["tls", "certificate"], fault, hint: "renew it, and check the machine's clock")
    }

    /// Callers' tokens that `signet callers create` did not make: one that can be guessed can be found by its digest.
    func foreignTokenWarnings() -> [Diagnostic] {
        gateway.callers.enumerated().flatMap { index, caller in
            caller.tokenDigests.enumerated().filter { !Hexadecimal.encode($0.element).hasSuffix(CallerToken.mark) }.map
            {
                source.diagnostic(
                    ["callers", "\(index)", "tokenSha256", "\($0.offset)"],
                    "signet callers create did not make this token of \"\(caller.name)\"", severity: .warning,
                    hint:
                        "make sure that the token has 32 random bytes, or make another: signet callers create \(caller.name)"
                )
            }
        }
    }

    /// What is wrong with the place of the audit file; the file itself is the gateway's to open.
    func auditFaults() -> [Diagnostic] {
        guard let path = gateway.audit?.file else { return [] }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(folder, W_OK | X_OK) != 0 else { return [] }
        let words = String(cString: strerror(errno))
        return [
            source.diagnostic(
                ["audit", "file"], "no file can be made in \(folder): \(words)",
                hint: "the gateway makes the file, not the folder", isExternal: true)
        ]
    }

    private func fault(_ path: [String], _ error: some CodedError, isExternal: Bool) -> ConfigurationError {
        ConfigurationError([source.diagnostic(path, error.reason, hint: error.hint, isExternal: isExternal)])
    }
}
