import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// Logs once a day that the gateway's certificate is not valid, or that it ends soon.
struct CertificateMonitor {
    private let log: StandardErrorLog
    private var warning = DailyWarning()
    /// The end of the certificate that the last warning was about.
    private var warned: NumericDate?

    init(log: StandardErrorLog) {
        self.log = log
    }

    /// Checks the certificate in use, if there is one.
    mutating func check(_ material: TLSMaterial?, at time: NumericDate) {
        guard let material, let message = Self.message(material, at: time) else { return }
        if warned != material.notAfter { warning = DailyWarning() }
        guard warning.isDue(at: time) else { return }
        warned = material.notAfter
        log.log(
            LogLine(
                .warning, "certificate",
                [
                    JSONMember("notBefore", .string(material.notBefore.rfc3339)),
                    JSONMember("notAfter", .string(material.notAfter.rfc3339)), JSONMember("message", .string(message)),
                ]))
    }

    private static func message(_ material: TLSMaterial, at time: NumericDate) -> String? {
        if let fault = material.validityFault(at: time) { return "\(fault); clients refuse it" }
        let left = material.notAfter.seconds - time.seconds
        guard left < SigningOutlook.notice else { return nil }
        return "the certificate ends in \(left / 86_400) days"
    }
}

extension TLSMaterial {
    /// Why the certificate is not valid at this time; nil if it is.
    func validityFault(at time: NumericDate) -> String? {
        if time < notBefore { return "the certificate is not valid before \(notBefore.rfc3339)" }
        return isValid(at: time) ? nil : "the certificate expired on \(notAfter.rfc3339)"
    }
}
