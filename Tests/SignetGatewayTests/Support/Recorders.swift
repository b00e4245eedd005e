import SignetConfiguration
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Keeps every audit entry, and refuses when it is told to.
final class RecordingAudit: AuditRecording {
    private struct State {
        var entries: [AuditEntry] = []
        var isBroken = false
    }
    private let state = Lock(State())
    /// What every entry waits for, as for a disk; nil for nothing.
    private let disk: Gate?

    init(disk: Gate? = nil) {
        self.disk = disk
    }

    var entries: [AuditEntry] { state.withLock { $0.entries } }

    func breakDown() {
        state.withLock { $0.isBroken = true }
    }

    func recordAtOnce(_ entry: AuditEntry) throws(SignetError) -> Bool {
        guard disk == nil else { return false }
        try add(entry)
        return true
    }

    func record(_ entry: AuditEntry) async throws(SignetError) {
        await disk?.wait()
        try add(entry)
    }

    private func add(_ entry: AuditEntry) throws(SignetError) {
        try state.withLock { state throws(SignetError) in
            guard !state.isBroken else { throw SignetError(audit: "the disk is full") }
            state.entries.append(entry)
        }
    }
}

/// Keeps every line of the log as the text it would be.
final class RecordingLog: GatewayLogging {
    private let kept = Lock<[LogLine]>([])

    var lines: [LogLine] { kept.withLock { $0 } }

    /// The whole log as one text, to look for what must not be in it.
    var text: String {
        lines.map { "\($0.level) \($0.event) " + JSONWriter.text(of: .object($0.members)) }.joined(separator: "\n")
    }

    func log(_ line: LogLine) {
        kept.withLock { $0.append(line) }
    }
}

/// A vendor that answers as it is told, in order, and keeps what it was sent.
final class ScriptedVendor: VendorTransport {
    enum Answer: Sendable {
        case status(Int, String)
        case failure(TransportError)
        /// It comes when the gate is opened.
        case held(Gate, Int, String)
        /// It does not come before the end.
        case silence
    }

    static let asPega: [Answer] = [.status(200, #"{"sessionId":"sid-1"}"#), .status(200, "{}")]

    private struct State {
        var answers: [Answer]
        var requests: [VendorRequest] = []
    }
    private let state: Lock<State>
    /// What arrives, request by request.
    let arrivals: AsyncStream<VendorRequest>
    private let arrival: AsyncStream<VendorRequest>.Continuation

    /// Lets go of everybody who waits for what never comes.
    let end = Gate()
    /// What stands in a URL that never answers.
    private let silent: String?

    init(_ answers: [Answer], silent: String? = nil) {
        self.silent = silent
        (arrivals, arrival) = AsyncStream.makeStream()
        state = Lock(State(answers: answers))
    }

    var requests: [VendorRequest] { state.withLock { $0.requests } }

    func send(_ request: VendorRequest, within limits: TransportLimits) async throws(TransportError) -> VendorAnswer {
        let answer = state.withLock { state -> Answer in
            state.requests.append(request)
            if let silent, request.url.contains(silent) { return .failure(.timedOut) }
            return state.answers.isEmpty ? .failure(.senseless) : state.answers.removeFirst()
        }
        arrival.yield(request)
        if let silent, request.url.contains(silent) {
            try? await Task.sleep(nanoseconds: UInt64(limits.total) * 1_000_000)
        }
        switch answer {
        case .status(let status, let body): return VendorAnswer(status: status, body: Array(body.utf8))
        case .failure(let error): throw error
        case .held(let gate, let status, let body):
            await gate.wait()
            return VendorAnswer(status: status, body: Array(body.utf8))
        case .silence:
            // However busy the machine is: longer than anybody waits.
            await end.wait()
            throw TransportError.cancelled
        }
    }
}

/// Holds whoever comes until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Lock(State())

    /// How many wait.
    var waiters: Int { state.withLock { $0.waiting.count } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
