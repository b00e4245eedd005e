import Foundation
import SignetIdentity
import SignetJOSE
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetCLI
@testable import SignetGateway

/// When the log says how long the gateway's certificate is valid.
@Suite struct CertificateMonitorTests {
    private static let day: Int64 = 86_400

    private let directory: ScratchDirectory
    private let file: FileHandle
    private let log: StandardErrorLog

    init() throws {
        directory = try ScratchDirectory()
        try directory.write("", to: "log")
        file = try FileHandle(forWritingTo: directory.url.appending(path: "log"))
        log = StandardErrorLog(descriptor: file.fileDescriptor, capacity: 1 << 16)
    }

    private func material(until end: String) throws -> TLSMaterial {
        try ServedCertificateTests.make(("20200101000000Z", end), in: directory)
        return try TLSMaterial(
            certificate: directory.text("tls.pem").utf8, key: SecretBytes(copying: directory.text("tls.key").utf8))
    }

    /// The messages so far.
    private func messages() throws -> [String] {
        #expect(log.flush(milliseconds: 60_000))
        return try directory.text("log").split(separator: "\n").map { text in
            let line = try JSONReader.value(text.utf8)
            #expect(line["level"] == "warning" && line["event"] == "certificate")
            return try #require(line["message"]?.string)
        }
    }

    @Test func theEndIsSaidOnceADayFrom30DaysBefore() throws {
        let material = try material(until: "20900101000000Z")
        var monitor = CertificateMonitor(log: log)
        let end = material.notAfter
        let start = end.advanced(by: 1 - 30 * Self.day)
        var expected: [String] = []
        for (moment, message) in [
            (end.advanced(by: -31 * Self.day), nil), (end.advanced(by: -30 * Self.day), nil),
            (start, "the certificate ends in 29 days"), (start.advanced(by: 1), nil),
            (start.advanced(by: Self.day - 1), nil), (start.advanced(by: Self.day), "the certificate ends in 28 days"),
            (start.advanced(by: 2 * Self.day), "the certificate ends in 27 days"),
            (end, "the certificate ends in 0 days"), (end.advanced(by: 1), nil),
            (end.advanced(by: Self.day), "the certificate has expired, on 2090-01-01T00:00:00Z; clients refuse it"),
            (end.advanced(by: Self.day + 1), nil),
        ] as [(NumericDate, String?)] {
            monitor.check(material, at: moment)
            if let message { expected.append(message) }
            #expect(try messages() == expected, "\(moment.rfc3339)")
        }
    }

    @Test func anotherCertificateIsSaidAtOnce() throws {
        let (one, two) = (try material(until: "20900101000000Z"), try material(until: "20900102000000Z"))
        var monitor = CertificateMonitor(log: log)
        let moment = one.notAfter.advanced(by: -10 * Self.day)
        monitor.check(nil, at: moment)
        #expect(try messages() == [])
        monitor.check(one, at: moment)
        monitor.check(two, at: moment)
        #expect(try messages() == ["the certificate ends in 10 days", "the certificate ends in 11 days"])
    }

    @Test func certificateThatIsNotYetValidIsSaid() throws {
        let material = try material(until: "20900101000000Z")
        var monitor = CertificateMonitor(log: log)
        monitor.check(material, at: material.notBefore.advanced(by: -1))
        #expect(try messages() == ["the certificate is not valid before 2020-01-01T00:00:00Z; clients refuse it"])
    }
}
