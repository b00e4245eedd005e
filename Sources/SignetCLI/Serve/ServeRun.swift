import SignetDelivery
import SignetGateway
import SignetIdentity
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

/// One life of the gateway: start, reloads, and the end.
final class ServeRun {
    private let read: ConfigurationLoad.Reading
    private var inForce: ConfigurationLoad.Loaded
    /// What was said when the sockets and the audit file were opened; a reload changes none of that.
    private let started: GatewaySettings
    private var files: WatchedFiles
    private var reload: Reload?
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

    /// A reload that is under way.
    private struct Reload {
        let load: ConfigurationLoad
        let cause: String
        /// Whether another was asked for meanwhile.
        var isAskedAgain = false
    }

    /// How long a load that was given up is waited for, in milliseconds.
    private static let cancellationLimit: Int64 = 2_000

    /// Loads everything and listens.
    ///
    /// - Parameters:
    ///   - path: The configuration's file.
    ///   - read: Reads the configuration, now and at each reload.
    ///   - open: Opens the sockets that the settings name.
    init(
        _ path: String, reading read: @escaping ConfigurationLoad.Reading,
        on open: (GatewaySettings) throws(CommandFailure) -> GatewayServers.Sockets = {
            settings throws(CommandFailure) in try GatewayServers.Sockets(settings)
        }
    ) throws(CommandFailure) {
        try ProcessSignals.listen()
        self.read = read
        let (loaded, files) = try Self.firstLoad(read, path)
        let first = loaded.configuration
        inForce = loaded
        started = first.gateway
        self.files = files
        digestKey = loaded.gateway.digestKey
        // No other thread runs: a Unix-domain socket is made with another umask.
        let sockets = try open(first.gateway)
        log = StandardErrorLog()
        auditKeeper = try failing({ CommandFailure(.outside, $0) }) { [log] () throws(AuditError) -> AuditKeeper? in
            guard let settings = first.gateway.audit else { return nil }
            return try AuditKeeper(settings, key: loaded.gateway.digestKey, log: log)
        }
        readiness = Readiness(audit: auditKeeper?.audit)
        keyKeeper = KeyKeeper(log: log)
        certificateMonitor = CertificateMonitor(log: log)
        let metrics = GatewayMetrics(version: Gateway.version)
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(CurlError) in
            try CurlTransport()
        }
        services = Gateway.Services(audit: auditKeeper?.audit, transport: transport, log: log, metrics: metrics)
        gateway = Gateway(loaded.gateway.state, services: services)
        servers = try GatewayServers(
            first.gateway, certificate: loaded.certificate, on: sockets, gateway: gateway,
            admin: AdminSide(
                metrics: metrics, readiness: readiness,
                access: AdminAccess(hosts: first.gateway.adminHosts, isLocal: sockets.admin.isLocal)))
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

    /// Loads everything for the first time. Asked to stop meanwhile, it ends with status 0: nobody was served.
    private static func firstLoad(
        _ read: @escaping ConfigurationLoad.Reading, _ path: String
    ) throws(CommandFailure) -> (ConfigurationLoad.Loaded, WatchedFiles) {
        let load = ConfigurationLoad(read, watching: WatchedFiles([path]))
        while true {
            let request = ProcessSignals.next(until: MonotonicTime(nanoseconds: .max), isStarting: true)
            if case .stop = request {
                load.cancel()
                let stopped = CommandFailure(.done, lines: ["signet: it was asked to stop before it had started"])
                guard load.outcome(within: cancellationLimit) == nil else { throw stopped }
                for line in stopped.lines { Output.note(line) }
                endProcess()
            }
            if let outcome = load.outcome {
                let loaded = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                    try outcome.result.get()
                }
                return (loaded, outcome.files)
            }
        }
    }

    /// Ends the process with a load that hangs, in a file that does not come: what exit(3) would clean up is in use.
    private static func endProcess() -> Never {
        KeyCommand.killRunning()
        _exit(ExitStatus.done.rawValue)
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
            case .reload: if reloading { beginReload("signal") }
            case .loaded: if reloading { endReload() }
            case .reopenAudit: auditKeeper?.audit.reopen()
            case nil:
                if look.isDue {
                    if reloading, reload == nil, files.haveChanged() { beginReload("file") }
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

    private var configuration: Configuration { inForce.configuration }

    // MARK: Reload

    /// Reads everything again, or once more after the reload that is under way.
    private func beginReload(_ cause: String) {
        guard reload == nil else {
            reload?.isAskedAgain = true
            return
        }
        reload = Reload(load: ConfigurationLoad(read, watching: files), cause: cause)
    }

    /// Puts what was read in force, or says why not and leaves everything as it is.
    private func endReload() {
        guard let reload, let outcome = reload.load.outcome else { return }
        self.reload = nil
        files = outcome.files
        do throws(CommandFailure) {
            let loaded = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                try outcome.result.get()
            }
            try putInForce(loaded, reload.cause)
        } catch {
            noteFailure(of: reload, error.lines)
        }
        if reload.isAskedAgain { beginReload("signal") }
    }

    private func putInForce(_ loaded: ConfigurationLoad.Loaded, _ cause: String) throws(CommandFailure) {
        try checkDigestKey(loaded.gateway.digestKey)
        try servers.renewCertificate(loaded.certificate, of: loaded.configuration)
        gateway.replace(loaded.gateway.state)
        let changes = ReloadChanges(from: inForce, to: loaded, at: .now)
        inForce = loaded
        noteConfiguration()
        services.metrics.reloaded(succeeded: true)
        log.log(
            LogLine(.info, "reloaded", [JSONMember("cause", .string(cause))] + configurationMembers + changes.members))
        logWarnings()
        keyKeeper.keep(gateway.state.router.scheduled, at: .now)
        let kept = servers.needingRestart(configuration.gateway, since: started)
        if !kept.isEmpty { log.note(.warning, "restart-needed", "changed, and in force after a restart: \(kept)") }
    }

    private func noteFailure(of reload: Reload, _ problems: [String]) {
        services.metrics.reloaded(succeeded: false)
        log.log(
            LogLine(
                .error, "reload-failed",
                [
                    JSONMember("cause", .string(reload.cause)),
                    JSONMember("problems", .array(problems.map(JSONValue.string))),
                    JSONMember("message", "what was in force before stays"),
                ]))
    }

    /// The audit's chain hangs on the digest key, and so does every subject's tag.
    private func checkDigestKey(_ key: HS256Key) throws(CommandFailure) {
        guard !SigningKey.hs256(key).isSameKey(as: .hs256(digestKey)) else { return }
        throw CommandFailure(
            .wrongUse, "the digest key is another one, and the audit's chain hangs on it",
            hint: "move the audit file away and restart")
    }

    private func logWarnings() {
        let (wanted, share) = (configuration.gateway.delivery.perConnection, gateway.state.delivery.perConnection)
        if share < wanted {
            log.note(
                .warning, "share-reduced",
                "\(share) calls of a connection at once, not \(wanted): the limit of open files is too low for more")
        }
        for warning in configuration.warnings + inForce.gateway.warnings {
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
        reload?.load.cancel()
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
        let isOver = endGivenUpReload()
        log.log(LogLine(.info, "stopped"))
        _ = log.flush()
        if !isOver { Self.endProcess() }
    }

    /// Waits until the reload that was given up is over and its command killed, and says that it was given up.
    ///
    /// - Returns: Whether it is over.
    private func endGivenUpReload() -> Bool {
        guard let reload else { return true }
        let outcome = reload.load.outcome(within: Self.cancellationLimit)
        let error = outcome.flatMap { if case .failure(let error) = $0.result { CommandFailure(error) } else { nil } }
        noteFailure(of: reload, error?.lines ?? ["signet: error: the reload was given up: Signet is going down"])
        return outcome != nil
    }
}
