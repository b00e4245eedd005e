import Foundation
import SignetIdentity
import SignetJOSE
import SignetServer
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetCLI
@testable import SignetGateway

/// The gateway's own certificate: its time of validity, in `check`, at the start, at a reload and in the metrics.
@Suite struct ServedCertificateTests {
    private static let expired = ("20200101000000Z", "20210101000000Z")
    private static let future = ("20900101000000Z", "20910101000000Z")
    private static let valid = ("20200101000000Z", "20900101000000Z")

    /// Makes a certificate that signs itself, and puts it and its key in place together: the key stays the same.
    static func make(_ dates: (start: String, end: String), in directory: ScratchDirectory) throws {
        let script = """
            set -e; mkdir -p ca; : > ca/index; echo 01 > ca/serial
            printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=ca/index\\nserial=ca/serial\\nnew_certs_dir=ca\\ndefault_md=sha256\\n\
            policy=p\\n[p]\\ncommonName=supplied\\n' > ca/cnf
            [ -e tls.key ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out tls.key
            openssl req -new -key tls.key -subj /CN=signet -out ca/csr
            openssl ca -config ca/cnf -batch -notext -selfsign -keyfile tls.key -in ca/csr -startdate \(dates.start) \
            -enddate \(dates.end) -out tls.new
            chmod 600 tls.key; mv tls.new tls.pem
            """
        let made = try Signet.shell("{ \(script)\n} >/dev/null 2>made || { cat made >&2; false; }", in: directory)
        #expect(made.status == 0, "\(made.errors)")
    }

    private static func configuration(_ directory: ScratchDirectory) -> String {
        RunningGateway.configuration(
            directory, keyID: "one", more: #" "tls": { "certificate": "tls.pem", "key": "tls.key" },"#)
    }

    /// What the routes "shop" and "other" answer.
    private static func statuses(_ gateway: RunningGateway) throws -> [Int] {
        try ["shop", "other"].map { route in
            let token = "Authorization: Bearer \(RunningGateway.token)"
            let url = "https://localhost/v1/routes/\(route)/badge"
            return try gateway.ask(["-k", "-H", token, "--json", #"{"subject":"1"}"#, url]).status
        }
    }

    @Test(arguments: [
        (expired, "expired on 2021-01-01T00:00:00Z"), (future, "is not valid before 2090-01-01T00:00:00Z"),
    ])
    func invalidCertificateStartsWithAWarningAndFailsTheCheck(dates: (String, String), words: String) throws {
        let gateway = try RunningGateway(Self.configuration) { try Self.make(dates, in: $0) }
        // It starts all the same, and says so.
        let line = try gateway.event("certificate")
        #expect(line["level"] as? String == "warning")
        #expect((line["message"] as? String)?.contains(words) == true)
        let checked = try Signet.run(["check"], in: gateway.directory)
        #expect(checked.status == 2)
        #expect(checked.errors.contains("error: tls.certificate: the certificate \(words)"))
    }

    @Test func validCertificatePassesTheCheck() throws {
        let gateway = try RunningGateway(Self.configuration) { try Self.make(Self.valid, in: $0) }
        #expect(try Signet.run(["check"], in: gateway.directory).status == 0)
        #expect(gateway.log.contains { $0["event"] as? String == "certificate" } == false)
        let metrics = try gateway.get("/metrics", admin: true).body
        #expect(metrics.contains("signet_tls_certificate_not_after_timestamp_seconds 3786912000\n"))
    }

    @Test func certificateThatEndsSoonStartsWithAWarningAndPassesTheCheck() throws {
        let end = Date.now.addingTimeInterval(10.5 * 86_400).formatted(
            .verbatim(
                "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)000000Z", timeZone: .gmt,
                calendar: Calendar(identifier: .gregorian)))
        let gateway = try RunningGateway(Self.configuration) { try Self.make((Self.valid.0, end), in: $0) }
        let line = try gateway.event("certificate")
        #expect(line["level"] as? String == "warning")
        let message = try #require(line["message"] as? String)
        #expect(["the certificate ends in 9 days", "the certificate ends in 10 days"].contains(message))
        #expect(try Signet.run(["check"], in: gateway.directory).status == 0)
    }

    @Test func reloadKeepsAValidCertificateIfTheNewOneIsInvalid() throws {
        let gateway = try RunningGateway(Self.configuration) { try Self.make(Self.valid, in: $0) }
        try Self.make(Self.expired, in: gateway.directory)
        let line = try gateway.event("reload-failed")
        #expect((line["problems"] as? [String])?.first?.contains("the certificate expired on 2021") == true)
        let metrics = try gateway.get("/metrics", admin: true).body
        #expect(metrics.contains("signet_tls_certificate_not_after_timestamp_seconds 3786912000\n"))
        #expect(metrics.contains(#"signet_config_reloads_total{result="failure"} 1"#))
        // Nothing else of such a reload is in force either.
        let other = Self.configuration(gateway.directory).replacing(#""shop": {"#, with: #""other": {"#)
        try gateway.directory.write(other, to: "signet.json")
        _ = try gateway.event("reload-failed")
        #expect(try Self.statuses(gateway) == [200, 404])
        // A valid one is taken again.
        try Self.make(("20200101000000Z", "20890101000000Z"), in: gateway.directory)
        _ = try gateway.event("reloaded")
        #expect(try gateway.get("/metrics", admin: true).body.contains("timestamp_seconds 3755376000\n"))
        #expect(try Self.statuses(gateway) == [404, 200])
    }

    @Test func reloadReplacesAnInvalidCertificateByAnyOther() throws {
        let gateway = try RunningGateway(Self.configuration) { try Self.make(Self.expired, in: $0) }
        _ = try gateway.event("certificate")
        try Self.make(Self.future, in: gateway.directory)
        _ = try gateway.event("reloaded")
        #expect((try gateway.event("certificate")["message"] as? String)?.contains("2090") == true)
    }
}

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

    @Test func endIsLoggedOnceADayFrom30DaysBefore() throws {
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
            (end.advanced(by: Self.day), "the certificate expired on 2090-01-01T00:00:00Z; clients refuse it"),
            (end.advanced(by: Self.day + 1), nil),
        ] as [(NumericDate, String?)] {
            monitor.check(material, at: moment)
            if let message { expected.append(message) }
            #expect(try messages() == expected, "\(moment.rfc3339)")
        }
    }

    @Test func anotherCertificateIsLoggedAtOnce() throws {
        let (one, two) = (try material(until: "20900101000000Z"), try material(until: "20900102000000Z"))
        var monitor = CertificateMonitor(log: log)
        let moment = one.notAfter.advanced(by: -10 * Self.day)
        monitor.check(nil, at: moment)
        #expect(try messages() == [])
        monitor.check(one, at: moment)
        monitor.check(two, at: moment)
        #expect(try messages() == ["the certificate ends in 10 days", "the certificate ends in 11 days"])
    }

    @Test func certificateNotYetValidIsLogged() throws {
        let material = try material(until: "20900101000000Z")
        var monitor = CertificateMonitor(log: log)
        monitor.check(material, at: material.notBefore.advanced(by: -1))
        #expect(try messages() == ["the certificate is not valid before 2020-01-01T00:00:00Z; clients refuse it"])
    }
}
