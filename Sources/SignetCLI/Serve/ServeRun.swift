import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// One life of the gateway: start, reloads, and the end.
final class ServeRun {
    /// Reads the configuration, and which of the files with pinned subjects are to be read with it.
    typealias Reading = (PinScope) throws(ConfigurationError) -> Configuration

    private let read: Reading
    private var configuration: Configuration
    private var warnings: [Diagnostic]
    /// What was said when the sockets and the audit file were opened; a reload changes none of that.
    private let started: GatewaySettings
    private var files: WatchedFiles
    private let gateway: Gateway
    private let services: Gateway.Services
    private let readiness: Readiness
    private let log: StandardErrorLog
    private let digestKey: HS256Key
    private let servers: GatewayServers
    private let auditKeeper: AuditKeeper?
    private let keyKeeper: KeyKeeper
    private var certificateMonitor: CertificateMonitor
    private var look = Repeating(every: 1_000)
    /// How long the end waits for the audit's disk, in milliseconds: everybody was answered before.
    private static let auditPatience: Int64 = 5_000
    private var head = Repeating(every: 60_000)

    /// Loads everything and listens.
    ///
    /// - Parameters:
    ///   - path: The configuration's file.
    ///   - read: Reads the configuration, now and at each reload.
    ///   - open: Opens the sockets that the settings name.
    init(
        _ path: String, reading read: @escaping Reading,
        on open: (GatewaySettings) throws(CommandFailure) -> GatewayServers.Sockets = {
            settings throws(CommandFailure) in try GatewayServers.Sockets(settings)
        }
    ) throws(CommandFailure) {
        try ProcessSignals.listen()
        self.read = read
        var files = WatchedFiles([path])
        let (first, loaded) = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try Self.load(read, watching: &files)
        }
        configuration = first
        warnings = first.warnings + loaded.warnings
        started = first.gateway
        self.files = files
        digestKey = loaded.digestKey
        // Before the first thread: a Unix-domain socket is made with another umask.
        let sockets = try open(first.gateway)
        log = StandardErrorLog()
        auditKeeper = try failing({ CommandFailure(.outside, $0) }) { [log] () throws(AuditError) -> AuditKeeper? in
            guard let settings = first.gateway.audit else { return nil }
            return try AuditKeeper(settings, key: loaded.digestKey, log: log)
        }
        readiness = Readiness(audit: auditKeeper?.audit)
        keyKeeper = KeyKeeper(log: log)
        certificateMonitor = CertificateMonitor(log: log)
        let metrics = GatewayMetrics(version: Gateway.version)
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(CurlError) in
            try CurlTransport(maximumConnections: DescriptorLimit.vendorConnections)
        }
        services = Gateway.Services(audit: auditKeeper?.audit, transport: transport, log: log, metrics: metrics)
        gateway = Gateway(loaded.state, services: services)
        servers = try GatewayServers(
            first, on: sockets, gateway: gateway,
            admin: AdminSide(metrics: metrics, readiness: readiness))
        let statistics = servers.statistics
        metrics.addSource { text in statistics().write(to: &text) }
        if let audit = auditKeeper?.audit {
            metrics.addSource { text in
                text.family("signet_audit_usable", .gauge, "1 while identities can be recorded, 0 while they cannot.")
                text.sample("signet_audit_usable", [], audit.failedSince == nil ? 1 : 0)
            }
        }
        let certificate = servers.certificate
        metrics.addSource { text in
            guard let material = certificate() else { return }
            text.family(
                "signet_tls_certificate_not_after_timestamp_seconds", .gauge,
                "Until when the gateway's certificate is valid, in Unix time.")
            text.sample("signet_tls_certificate_not_after_timestamp_seconds", [], material.notAfter.seconds)
        }
    }

    /// Reads and loads everything, and again where something changed meanwhile: half of one version and half of another
    /// would be neither. A list of pinned subjects is whole in itself: one that changes meanwhile is for the next look, or
    /// one that keeps changing would hold up everything else.
    ///
    /// - Parameter files: The files of what was read last, also when it cannot be loaded: what is missing may still come.
    private static func load(
        _ read: Reading, watching files: inout WatchedFiles
    ) throws(ConfigurationError) -> (Configuration, GatewayState.Loaded) {
        var last: ConfigurationError?
        for _ in 1...5 {
            do throws(ConfigurationError) {
                try refuseIrregular(files)
                files = WatchedFiles(of: try read(.none))
                try refuseIrregular(files)
                let configuration = try read(.inForce)
                let loaded = try GatewayState.Loaded(configuration, unless: { ProcessSignals.isStopping })
                guard files.haveChangedTogether() else { return (configuration, loaded) }
                last = nil
            } catch {
                guard files.haveChangedTogether() else { throw error }
                last = error
            }
        }
        throw last
            ?? ConfigurationError([
                Diagnostic(
                    file: "", position: nil, path: "", message: "the configuration keeps changing while it is read",
                    hint: "replace files in one step: write another and rename it", isExternal: true)
            ])
    }

    private static func refuseIrregular(_ files: WatchedFiles) throws(ConfigurationError) {
        guard let path = files.irregular else { return }
        throw ConfigurationError([
            Diagnostic(
                file: path, position: nil, path: "",
                message: "\(path): it is no regular file, and has to be read again",
                hint: "write it to a file, and rename that into its place", isExternal: true)
        ])
    }

    /// Serves until it is asked to stop. `started` is called once everybody can come.
    func serve(started: () throws(CommandFailure) -> Bool = { true }) throws(CommandFailure) -> ExitStatus {
        noteConfiguration()
        logStart()
        ServiceManager.notify("READY=1")
        guard try started() else {
            stop()
            return .done
        }
        attend(until: MonotonicTime(nanoseconds: .max), reloading: true)
        stop()
        return .done
    }

    /// Does what signals ask for and what is due, until it is asked to stop or the moment has come.
    private func attend(until end: MonotonicTime, reloading: Bool) {
        while MonotonicTime.now < end {
            switch ProcessSignals.next(until: min(look.next, head.next, end)) {
            case .stop: return
            case .reload: if reloading { reload("signal") }
            case .reopenAudit: auditKeeper?.audit.reopen()
            case nil:
                if look.isDue {
                    if reloading, files.haveChanged() { reload("file") }
                    keyKeeper.look(at: .now)
                    certificateMonitor.look(servers.certificate(), at: .now)
                }
                if head.isDue { auditKeeper?.logHead() }
            }
        }
    }

    private func logStart() {
        log.log(LogLine(.info, "started", servers.members + configurationMembers))
        gateway.logMigrations()
        logWarnings()
        keyKeeper.keep(gateway.state.router.scheduled, at: .now)
        certificateMonitor.look(servers.certificate(), at: .now)
        if auditKeeper == nil {
            log.note(.warning, "audit-off", "nothing is recorded: the configuration has no \"audit\"")
        }
    }

    // MARK: Reload

    /// Reads everything again and puts it in force, or says why not and leaves everything as it is.
    private func reload(_ cause: String) {
        do throws(CommandFailure) {
            let (new, loaded) = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                try Self.load(read, watching: &files)
            }
            try checkDigestKey(loaded.digestKey)
            try servers.renewCertificate(new)
            gateway.replace(loaded.state)
            let kept = servers.needingRestart(new.gateway, since: started)
            configuration = new
            warnings = new.warnings + loaded.warnings
            noteConfiguration()
            services.metrics.reloaded(succeeded: true)
            log.log(LogLine(.info, "reloaded", [JSONMember("cause", .string(cause))] + configurationMembers))
            logWarnings()
            keyKeeper.keep(loaded.state.router.scheduled, at: .now)
            if !kept.isEmpty { log.note(.warning, "restart-needed", "changed, and in force after a restart: \(kept)") }
        } catch {
            services.metrics.reloaded(succeeded: false)
            log.log(
                LogLine(
                    .error, "reload-failed",
                    [
                        JSONMember("cause", .string(cause)),
                        JSONMember("problems", .array(error.lines.map(JSONValue.string))),
                        JSONMember("message", "what was in force before stays"),
                    ]))
        }
    }

    /// The audit's chain hangs on the digest key, and so does every subject's tag.
    private func checkDigestKey(_ key: HS256Key) throws(CommandFailure) {
        guard !SigningKey.hs256(key).isSameKey(as: .hs256(digestKey)) else { return }
        throw CommandFailure(
            .wrongUse, "the digest key is another one, and the audit's chain hangs on it",
            hint: "move the audit file away and restart")
    }

    private func logWarnings() {
        for warning in warnings {
            log.note(.warning, "config-warning", CommandFailure.lines(of: [warning]).joined(separator: "; "))
        }
    }

    private func noteConfiguration() {
        services.metrics.configurationLoaded(
            digest: gateway.state.configurationDigest ?? "", at: .now, keyCount: configuration.keys.count,
            connectionCount: configuration.connections.count, routeCount: configuration.routes.routes.count)
    }

    private var configurationMembers: [JSONMember] {
        [JSONMember("configDigest", .string(gateway.state.configurationDigest ?? ""))]
    }

    // MARK: The end

    private func stop() {
        readiness.drain()
        ServiceManager.notify("STOPPING=1")
        let settings = configuration.gateway
        log.log(LogLine(.info, "draining"))
        // Load balancers need a moment to see that this replica is no longer ready.
        let listening = MonotonicTime.now.advanced(byMilliseconds: settings.drainDelay)
        attend(until: listening, reloading: false)
        servers.drain(within: settings.drain)
        if let audit = auditKeeper?.audit, !audit.close(withinMilliseconds: Self.auditPatience) {
            log.note(.error, "audit-unfinished", "the disk has not confirmed the audit's last lines")
        }
        auditKeeper?.logHead()
        log.log(LogLine(.info, "stopped"))
        _ = log.flush()
    }
}
