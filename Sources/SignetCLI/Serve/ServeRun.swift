import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem

/// Runs the gateway: start, reloads and stop.
final class ServeRun {
    private let read: ConfigurationLoad.Reading
    private var inForce: ConfigurationLoad.Loaded
    /// The settings with which the sockets and the audit file were opened. A reload does not change them.
    private let started: GatewaySettings
    private var files: WatchedFiles
    private var reload: Reload?
    private let gateway: Gateway
    private let services: Gateway.Services
    private let readiness: Readiness
    private let log: StandardErrorLog
    private let digestKey: HS256Key
    private let servers: GatewayServers
    private let auditMonitor: AuditMonitor?
    private let keyMonitor: KeyMonitor
    private var certificateMonitor: CertificateMonitor
    private var check = Interval(milliseconds: 1_000)
    /// How long a stop waits for the audit's disk, in milliseconds. Every request was answered before.
    private static let auditDeadline: Int64 = 5_000
    private var head = Interval(milliseconds: 60_000)

    /// A running reload.
    private struct Reload {
        let load: ConfigurationLoad
        let cause: String
        /// Whether another was requested meanwhile.
        var isRequestedAgain = false
    }

    /// How long a cancelled load is waited for, in milliseconds.
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
        // No other thread may run, because a Unix-domain socket is made with another umask.
        let sockets = try open(first.gateway)
        log = StandardErrorLog()
        auditMonitor = try reporting { [log] in
            guard let settings = first.gateway.audit else { return nil }
            return try AuditMonitor(settings, key: loaded.gateway.digestKey, log: log)
        }
        readiness = Readiness(audit: auditMonitor?.audit)
        keyMonitor = KeyMonitor(log: log)
        certificateMonitor = CertificateMonitor(log: log)
        let metrics = GatewayMetrics(version: Gateway.version)
        let transport = try reporting {
            try CurlTransport()
        }
        services = Gateway.Services(audit: auditMonitor?.audit, transport: transport, log: log, metrics: metrics)
        gateway = Gateway(loaded.gateway.state, services: services)
        servers = try GatewayServers(
            first.gateway, certificate: loaded.certificate, on: sockets, gateway: gateway,
            admin: AdminSide(
                metrics: metrics, readiness: readiness,
                access: AdminAccess(hosts: first.gateway.adminHosts, isLocal: sockets.admin.isLocal)))
        let statistics = servers.statistics
        metrics.addSource { text in statistics().write(to: &text) }
        if let audit = auditMonitor?.audit {
            metrics.addSource { text in
                text.gauge(
                    "signet_audit_usable", "1 while identities can be recorded, 0 while they cannot.",
                    [.init(audit.failedSince == nil ? 1 : 0)])
            }
        }
        let certificate = servers.certificate
        metrics.addSource { text in
            guard let material = certificate() else { return }
            text.gauge(
                "signet_tls_certificate_not_after_timestamp_seconds",
                "Until when the gateway's certificate is valid, in Unix time.", [.init(material.notAfter.seconds)])
        }
    }

    /// Loads everything for the first time. A stop meanwhile ends with status 0, because no request was received.
    private static func firstLoad(
        _ read: @escaping ConfigurationLoad.Reading, _ path: String
    ) throws(CommandFailure) -> (ConfigurationLoad.Loaded, WatchedFiles) {
        let load = ConfigurationLoad(read, watching: WatchedFiles([path]))
        while true {
            let request = ProcessSignals.next(until: MonotonicTime(nanoseconds: .max), isStarting: true)
            if case .stop = request {
                load.cancel()
                let stopped = CommandFailure(.done, lines: ["signet: stopped before the start was complete"])
                guard load.outcome(within: cancellationLimit) == nil else { throw stopped }
                for line in stopped.lines { Output.note(line) }
                endProcess()
            }
            if let outcome = load.outcome {
                let loaded = try reporting {
                    try outcome.result.get()
                }
                return (loaded, outcome.files)
            }
        }
    }

    /// Ends the process while a load still hangs. Without exit(3), because that would free memory that is in use.
    private static func endProcess() -> Never {
        KeyCommand.killRunning()
        _exit(ExitStatus.done.rawValue)
    }

    /// Serves until a stop is requested. Calls `started` as soon as requests are accepted.
    func serve(started: () throws(CommandFailure) -> Bool = { true }) throws(CommandFailure) -> ExitStatus {
        noteConfiguration()
        logStart()
        ServiceManager.notify("READY=1")
        guard try started() else {
            stop()
            return .done
        }
        handleEvents(until: MonotonicTime(nanoseconds: .max), reloading: true)
        stop()
        return .done
    }

    /// Handles signals and periodic checks until a stop is requested or until `end`.
    private func handleEvents(until end: MonotonicTime, reloading: Bool) {
        while MonotonicTime.now < end {
            switch ProcessSignals.next(until: min(check.next, head.next, end)) {
            case .stop: return
            case .reload: if reloading { beginReload("signal") }
            case .loaded: if reloading { endReload() }
            case .reopenAudit: auditMonitor?.audit.reopen()
            case nil:
                if check.isDue {
                    if reloading, reload == nil, files.haveChanged() { beginReload("file") }
                    keyMonitor.check(at: .now)
                    certificateMonitor.check(servers.certificate(), at: .now)
                }
                if head.isDue { auditMonitor?.logHead() }
            }
        }
    }

    private func logStart() {
        log.log(LogLine(.info, "started", servers.members + configurationMembers))
        gateway.logMigrations()
        logWarnings()
        keyMonitor.watch(gateway.state.router.scheduled, at: .now)
        certificateMonitor.check(servers.certificate(), at: .now)
        if auditMonitor == nil {
            log.note(.warning, "audit-off", "identities are not recorded, because the configuration has no \"audit\"")
        }
    }

    private var configuration: Configuration { inForce.configuration }

    // MARK: Reload

    /// Reads everything again, or once more after the running reload.
    private func beginReload(_ cause: String) {
        guard reload == nil else {
            reload?.isRequestedAgain = true
            return
        }
        reload = Reload(load: ConfigurationLoad(read, watching: files), cause: cause)
    }

    /// Puts the new configuration in force, or logs why it is not used.
    private func endReload() {
        guard let reload, let outcome = reload.load.outcome else { return }
        self.reload = nil
        files = outcome.files
        do throws(CommandFailure) {
            let loaded = try reporting {
                try outcome.result.get()
            }
            try putInForce(loaded, reload.cause)
        } catch {
            noteFailure(of: reload, error.lines)
        }
        if reload.isRequestedAgain { beginReload("signal") }
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
        keyMonitor.watch(gateway.state.router.scheduled, at: .now)
        let kept = servers.needingRestart(configuration.gateway, since: started)
        if !kept.isEmpty { log.note(.warning, "restart-needed", "these settings changed and need a restart: \(kept)") }
    }

    private func noteFailure(of reload: Reload, _ problems: [String]) {
        services.metrics.reloaded(succeeded: false)
        log.log(
            LogLine(
                .error, "reload-failed",
                [
                    JSONMember("cause", .string(reload.cause)),
                    JSONMember("problems", .array(problems.map(JSONValue.string))),
                    JSONMember("message", "the last good configuration stays in force"),
                ]))
    }

    /// Refuses another digest key: the audit's chain and every subject's tag depend on it.
    private func checkDigestKey(_ key: HS256Key) throws(CommandFailure) {
        guard !SigningKey.hs256(key).isSameKey(as: .hs256(digestKey)) else { return }
        throw CommandFailure(
            .wrongUse, "the digest key has changed, and the audit's chain depends on it",
            hint: "move the audit file away and restart")
    }

    private func logWarnings() {
        let (wanted, share) = (configuration.gateway.delivery.perConnection, gateway.state.delivery.perConnection)
        if share < wanted {
            log.note(
                .warning, "share-reduced",
                "only \(share) simultaneous calls per connection, not \(wanted): the limit of open files is too low")
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

    // MARK: Stop

    private func stop() {
        readiness.drain()
        reload?.load.cancel()
        ServiceManager.notify("STOPPING=1")
        let settings = configuration.gateway
        log.log(LogLine(.info, "draining"))
        // Load balancers need some time to notice that this replica is no longer ready.
        let listening = MonotonicTime.now.advanced(byMilliseconds: settings.drainDelay)
        handleEvents(until: listening, reloading: false)
        servers.drain(within: settings.drain)
        if let audit = auditMonitor?.audit, !audit.close(withinMilliseconds: Self.auditDeadline) {
            log.note(.error, "audit-unfinished", "the disk did not confirm the audit's last lines in time")
        }
        auditMonitor?.logHead()
        let isOver = endCancelledReload()
        log.log(LogLine(.info, "stopped"))
        _ = log.flush()
        if !isOver { Self.endProcess() }
    }

    /// Waits for the end of a cancelled reload and logs that it was cancelled.
    ///
    /// - Returns: Whether it is over.
    private func endCancelledReload() -> Bool {
        guard let reload else { return true }
        let outcome = reload.load.outcome(within: Self.cancellationLimit)
        let error = outcome.flatMap { if case .failure(let error) = $0.result { CommandFailure(error) } else { nil } }
        noteFailure(of: reload, error?.lines ?? ["signet: error: the reload was cancelled because Signet stops"])
        return outcome != nil
    }
}

/// A time that recurs.
private struct Interval {
    private let milliseconds: Int64
    private(set) var next: MonotonicTime

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
        next = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
    }

    /// Whether the time has come. Then the next time is set.
    var isDue: Bool {
        mutating get {
            let now = MonotonicTime.now
            guard now >= next else { return false }
            next = now.advanced(byMilliseconds: milliseconds)
            return true
        }
    }
}
