import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem
import Synchronization

/// Reads a configuration and loads everything that it names, on a thread of its own: signals are answered meanwhile.
///
/// Its end is a ``ProcessSignals/Request/loaded``.
struct ConfigurationLoad {
    /// Reads the configuration, and which of the files with pinned subjects are to be read with it.
    typealias Reading = @Sendable (PinScope) throws(ConfigurationError) -> Configuration

    /// What is put in force together.
    struct Loaded: Sendable {
        let configuration: Configuration
        let gateway: GatewayState.Loaded
        /// The gateway's own certificate, if it has one.
        let certificate: TLSMaterial?
    }

    /// What came of it.
    struct Outcome: Sendable {
        /// The files of what was read last, also when it cannot be loaded: what is missing may still come.
        let files: WatchedFiles
        let result: Result<Loaded, ConfigurationError>
    }

    private final class Progress: Sendable {
        let isCancelled = Atomic(false)
        let outcome = Lock<Outcome?>(nil)
    }

    private let progress = Progress()
    private let thread: JoinableThread?

    /// Begins.
    ///
    /// - Parameter files: The files of what was read before.
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
        // Where the system has no thread to spare, signals wait.
        if thread == nil { run() }
    }

    /// What came of it, or nil while it goes on.
    var outcome: Outcome? {
        guard let outcome = progress.outcome.withLock({ $0 }) else { return nil }
        thread?.join()
        return outcome
    }

    /// Gives it up: the command that it waits for is killed, and it is over soon, unless it hangs in a file that does not come.
    func cancel() {
        progress.isCancelled.store(true, ordering: .relaxed)
    }

    /// Waits for its end.
    func outcome(within milliseconds: Int64) -> Outcome? {
        let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while outcome == nil, MonotonicTime.now < end { _ = ProcessSignals.next(until: end, isStarting: true) }
        return outcome
    }

    /// Reads and loads everything, and again where something changed meanwhile: half of one version and half of another
    /// would be neither. A list of pinned subjects is whole in itself: one that changes meanwhile is for the next look, or
    /// one that keeps changing would hold up everything else.
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
}
