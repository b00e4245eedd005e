import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetServer

/// Says in the log that the gateway's certificate is not valid, and once a day from 30 days before its end.
struct CertificateMonitor {
    private let log: StandardErrorLog
    /// When it was said last, and of which certificate.
    private var told: (time: NumericDate, notAfter: NumericDate)?

    private static let interval: Int64 = 86_400
    private static let notice: Int64 = 30 * 86_400

    init(log: StandardErrorLog) {
        self.log = log
    }

    /// Looks at the certificate that is served with, if there is one.
    mutating func look(_ material: TLSMaterial?, at time: NumericDate) {
        guard let material, let message = Self.message(material, at: time) else { return }
        if let told, told.notAfter == material.notAfter, time < told.time.advanced(by: Self.interval) { return }
        told = (time, material.notAfter)
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
        guard left < notice else { return nil }
        return "the certificate ends in \(left / 86_400) days"
    }
}

extension TLSMaterial {
    /// What is wrong with the time of validity, if anything is.
    func validityFault(at time: NumericDate) -> String? {
        if time < notBefore { return "the certificate is not valid before \(notBefore.rfc3339)" }
        return isValid(at: time) ? nil : "the certificate has expired, on \(notAfter.rfc3339)"
    }
}
