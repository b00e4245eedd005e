import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer

/// One life of the gateway: start, reloads, and the end.
final class ServeRun {
    private let read: () throws(ConfigurationError) -> Configuration
    private var configuration: Configuration
    private var files: WatchedFiles
    private let gateway: Gateway
    private let services: Gateway.Services
    private let readiness = Readiness()
    private let log = StandardErrorLog()
    private let audit: AuditFile?
    private let digestKey: HS256Key
    private let servers: GatewayServers
    /// Whether it was said that the audit file is not where it was.
    private var isAuditMissed = false

    /// Loads everything and listens.
    ///
    /// - Parameters:
    ///   - read: Reads the configuration, now and at each reload.
    ///   - open: Opens the sockets that the settings name.
    init(
        reading read: @escaping () throws(ConfigurationError) -> Configuration,
        on open: (GatewaySettings) throws(CommandFailure) -> GatewayServers.Sockets = {
            settings throws(CommandFailure) in try GatewayServers.Sockets(settings)
        }
    ) throws(CommandFailure) {
        try ProcessSignals.listen()
        self.read = read
        var files = WatchedFiles([])
        let (first, loaded) = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try Self.load(read, watching: &files)
        }
        for line in CommandFailure.lines(of: first.warnings) { Output.note(line) }
        configuration = first
        self.files = files
        digestKey = loaded.digestKey
        audit = try Self.openAudit(first, loaded.digestKey)
        let metrics = GatewayMetrics(version: Gateway.version)
        let transport = try failing({ CommandFailure(.outside, $0) }) { () throws(CurlError) in try CurlTransport() }
        services = Gateway.Services(audit: audit, transport: transport, log: log, metrics: metrics)
        gateway = Gateway(loaded.state, services: services)
        servers = try GatewayServers(
            first.gateway, on: try open(first.gateway), gateway: gateway,
            admin: AdminSide(metrics: metrics, readiness: readiness))
        let statistics = servers.statistics
        metrics.addGauge("signet_connections_open", help: "Connections of callers that are open.") {
            Int64(statistics().openConnections)
        }
    }

    /// Reads and loads everything, and again where something changed meanwhile: half of one version and half of another
    /// would be neither.
    ///
    /// - Parameter files: The files of what was read last, also when it cannot be loaded: what is missing may still come.
    private static func load(
        _ read: () throws(ConfigurationError) -> Configuration, watching files: inout WatchedFiles
    ) throws(ConfigurationError) -> (Configuration, GatewayState.Loaded) {
        var last: ConfigurationError?
        for _ in 1...5 {
            do throws(ConfigurationError) {
                files = WatchedFiles(try read().files)
                let configuration = try read()
                let loaded = try GatewayState.Loaded(configuration)
                guard files.haveChanged() else { return (configuration, loaded) }
                last = nil
            } catch {
                guard files.haveChanged() else { throw error }
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

    private static func openAudit(
        _ configuration: Configuration, _ key: HS256Key
    ) throws(CommandFailure) -> AuditFile? {
        guard let settings = configuration.gateway.audit else { return nil }
        return try failing({ CommandFailure(.outside, $0) }) { () throws(AuditError) in
            try AuditFile(
                path: settings.file, key: key, durability: settings.survivesMachine ? .machine : .process)
        }
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
        var look = Repeating(every: 1_000)
        var head = Repeating(every: 60_000)
        while true {
            switch ProcessSignals.next(until: min(look.next, head.next)) {
            case .stop:
                stop()
                return .done
            case .reload: reload("signal")
            case .reopenAudit: reopenAudit("signal")
            case nil:
                if look.isDue {
                    if files.haveChanged() { reload("file") }
                    missAudit()
                }
                if head.isDue { logAuditHead("audit-head") }
            }
        }
    }

    private func logStart() {
        log.log(LogLine(.info, "started", servers.members + configurationMembers))
        if let audit, audit.repairedBytes > 0 {
            log.note(.warning, "audit-repaired", "a line that a crash had cut off was removed; it was never answered")
        }
        if audit == nil { log.note(.warning, "audit-off", "nothing is recorded: the configuration has no \"audit\"") }
    }

    // MARK: Reload

    /// Reads everything again and puts it in force, or says why not and leaves everything as it is.
    private func reload(_ cause: String) {
        do throws(CommandFailure) {
            let (new, loaded) = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                try Self.load(read, watching: &files)
            }
            try checkDigestKey(loaded.digestKey)
            try servers.renewCertificate(new.gateway)
            gateway.replace(loaded.state)
            let kept = servers.needingRestart(new.gateway, since: configuration.gateway)
            configuration = new
            noteConfiguration()
            services.metrics.reloaded(succeeded: true)
            log.log(LogLine(.info, "reloaded", [JSONMember("cause", .string(cause))] + configurationMembers))
            for line in CommandFailure.lines(of: new.warnings) { log.note(.warning, "config-warning", line) }
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

    private func noteConfiguration() {
        services.metrics.configurationLoaded(
            digest: gateway.state.configurationDigest ?? "", at: .now, keyCount: configuration.keys.count,
            connectionCount: configuration.connections.count, routeCount: configuration.routes.routes.count)
    }

    private var configurationMembers: [JSONMember] {
        [JSONMember("configDigest", .string(gateway.state.configurationDigest ?? ""))]
    }

    // MARK: Audit

    private func reopenAudit(_ cause: String) {
        guard let audit else { return }
        do throws(AuditError) {
            _ = try audit.reopen()
            isAuditMissed = false
            logAuditHead("audit-reopened", [JSONMember("cause", .string(cause))])
        } catch {
            log.note(.error, "audit-reopen-failed", error.reason)
        }
    }

    /// A file that was removed or moved away takes lines that nobody will find: the chain is carried on in a new one, whether
    /// or not the signal comes. What cannot be done is said once.
    private func missAudit() {
        guard let audit, !audit.isInPlace else {
            isAuditMissed = false
            return
        }
        guard !isAuditMissed else { return }
        isAuditMissed = true
        reopenAudit("moved")
    }

    /// Once a minute, so that what is cut off the end of the file is missed.
    private func logAuditHead(_ event: String, _ more: [JSONMember] = []) {
        guard let head = audit?.head else { return }
        let chain = JSONMember("chain", head.chain.map(JSONValue.string) ?? .null)
        log.log(LogLine(.info, event, more + [chain, JSONMember("head", .string("\(head)"))]))
    }

    // MARK: The end

    private func stop() {
        ProcessSignals.stopListeningForStop()
        readiness.drain()
        ServiceManager.notify("STOPPING=1")
        let settings = configuration.gateway
        log.log(LogLine(.info, "draining"))
        // Load balancers need a moment to see that this replica is no longer ready.
        let listening = MonotonicTime.now.advanced(byMilliseconds: settings.drainDelay)
        while ProcessSignals.next(until: listening) != nil {}
        servers.drain(within: settings.drain)
        logAuditHead("audit-head")
        log.log(LogLine(.info, "stopped"))
        _ = log.flush()
    }
}

/// A moment that comes again and again.
private struct Repeating {
    private let milliseconds: Int64
    private(set) var next: MonotonicTime

    init(every milliseconds: Int64) {
        self.milliseconds = milliseconds
        next = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
    }

    /// Whether it has come; then the next is that much later.
    var isDue: Bool {
        mutating get {
            let now = MonotonicTime.now
            guard now >= next else { return false }
            next = now.advanced(byMilliseconds: milliseconds)
            return true
        }
    }
}

extension StandardErrorLog {
    /// An event that one sentence says.
    fileprivate func note(_ level: LogLine.Level, _ event: String, _ message: String) {
        log(LogLine(level, event, [JSONMember("message", .string(message))]))
    }
}
