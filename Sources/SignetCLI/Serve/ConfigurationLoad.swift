import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem
import Synchronization

/// Reads a configuration and loads everything that it names, on its own thread, so that signals are handled meanwhile.
///
/// Its end is reported as ``ProcessSignals/Request/loaded``.
struct ConfigurationLoad {
    /// Reads the configuration with some of its files of pinned subjects.
    typealias Reading = @Sendable (PinScope) throws(ConfigurationError) -> Configuration

    /// Everything that takes effect together.
    struct Loaded: Sendable {
        let configuration: Configuration
        let gateway: GatewayState.Loaded
        /// The gateway's own certificate, if it has one.
        let certificate: TLSMaterial?
    }

    /// The result of a load.
    struct Outcome: Sendable {
        /// The files of the configuration that was read last, even if it cannot be loaded: a missing file may still appear.
        let files: WatchedFiles
        let result: Result<Loaded, ConfigurationError>
    }

    private final class Progress: Sendable {
        let isCancelled = Atomic(false)
        let outcome = Lock<Outcome?>(nil)
    }

    private let progress = Progress()
    private let thread: JoinableThread?

    /// Starts the load.
    ///
    /// - Parameter files: The files of the configuration before.
    init(_ read: @escaping Reading, watching files: WatchedFiles) {
        let run = { @Sendable [progress] in
            var files = files
            let result = Result { () throws(ConfigurationError) in
                try Self.load(read, watching: &files) { progress.isCancelled.load(ordering: .relaxed) }
            }
            progress.outcome.withLock { [files] in $0 = Outcome(files: files, result: result) }
            ProcessSignals.noteLoaded()
        }
        thread = JoinableThread(run)
        // If the system cannot start a thread, signals have to wait.
        if thread == nil { run() }
    }

    /// The result, or nil while it runs.
    var outcome: Outcome? {
        guard let outcome = progress.outcome.withLock({ $0 }) else { return nil }
        thread?.join()
        return outcome
    }

    /// Cancels it: the command that it waits for is killed. It then ends soon, unless reading a file hangs.
    func cancel() {
        progress.isCancelled.store(true, ordering: .relaxed)
    }

    /// Waits for its end.
    func outcome(within milliseconds: Int64) -> Outcome? {
        let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while outcome == nil, MonotonicTime.now < end { _ = ProcessSignals.next(until: end, isStarting: true) }
        return outcome
    }

    /// Reads and loads everything, and again if a file changed meanwhile, so that no two versions are mixed. A file of pinned
    /// subjects does not depend on the others, and its change waits for the next reload. Otherwise a file that changes all the time
    /// would prevent every reload.
    private static func load(
        _ read: Reading, watching files: inout WatchedFiles, unless isCancelled: @escaping @Sendable () -> Bool
    ) throws(ConfigurationError) -> Loaded {
        var last: ConfigurationError?
        for _ in 1...5 {
            do throws(ConfigurationError) {
                try refuseIrregular(files)
                files = WatchedFiles(of: try read(.none))
                try refuseIrregular(files)
                let configuration = try read(.inForce)
                let loaded = Loaded(
                    configuration: configuration,
                    gateway: try GatewayState.Loaded(configuration, unless: isCancelled),
                    certificate: try configuration.certificate())
                guard files.haveChangedTogether() else { return loaded }
                last = nil
            } catch {
                guard files.haveChangedTogether(), !isCancelled() else { throw error }
                last = error
            }
        }
        throw last
            ?? ConfigurationError([
                Diagnostic(
                    file: "", position: nil, path: "",
                    message: "the configuration changed again and again while it was read",
                    hint: "replace a file in one step: write a new file and rename it", isExternal: true)
            ])
    }

    private static func refuseIrregular(_ files: WatchedFiles) throws(ConfigurationError) {
        guard let path = files.irregular else { return }
        throw ConfigurationError([
            Diagnostic(
                file: path, position: nil, path: "",
                message: "\(path) is not a regular file, so it cannot be read again",
                hint: "use a regular file, and replace it by renaming a new one", isExternal: true)
        ])
    }
}
