import SignetConfiguration
import SignetGateway
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem

extension Configuration {
    /// The gateway's own certificate, if it has one.
    ///
    /// - Throws: ``ConfigurationError`` at the path of the faulty file.
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

    /// A certificate that can be read but that clients refuse.
    func certificateDiagnostic(_ fault: String) -> Diagnostic {
        source.diagnostic(["tls", "certificate"], fault, hint: "renew the certificate, and check the machine's clock")
    }

    /// Warnings of callers' tokens that `signet callers create` did not make. A weak token can be found from its digest.
    func foreignTokenWarnings() -> [Diagnostic] {
        gateway.callers.enumerated().flatMap { index, caller in
            caller.tokenDigests.enumerated().filter { !Hexadecimal.encode($0.element).hasSuffix(CallerToken.mark) }.map
            {
                source.diagnostic(
                    ["callers", "\(index)", "tokenSha256", "\($0.offset)"],
                    "signet callers create did not make this token of \"\(caller.name)\"", severity: .warning,
                    hint:
                        "check that the token has 32 random bytes, or make another: signet callers create \(caller.name)"
                )
            }
        }
    }

    /// Faults of the audit file's folder. Only the gateway opens the file itself.
    func auditFaults() -> [Diagnostic] {
        guard let path = gateway.audit?.file else { return [] }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(folder, W_OK | X_OK) != 0 else { return [] }
        let words = String(cString: strerror(errno))
        return [
            source.diagnostic(
                ["audit", "file"], "cannot write to the folder \(folder): \(words)",
                hint: "the gateway makes the file but not the folder", isExternal: true)
        ]
    }

    private func fault(_ path: [String], _ error: some CodedError, isExternal: Bool) -> ConfigurationError {
        ConfigurationError([source.diagnostic(path, error.reason, hint: error.hint, isExternal: isExternal)])
    }
}
