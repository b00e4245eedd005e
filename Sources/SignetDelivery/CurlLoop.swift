import CCurl
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem
import Synchronization

/// The thread of all transfers. It sleeps when there is nothing to do.
final class CurlLoop: @unchecked Sendable {
    typealias Answer = CheckedContinuation<Result<VendorAnswer, TransportError>, Never>

    /// What other threads hand to the loop.
    private struct Inbox {
        var arrivals: [CurlTransfer] = []
        var cancelled: [CurlTransfer] = []
        var isClosed = false
        var thread: JoinableThread?
    }

    // Unchecked: only the loop's thread uses `running`. libcurl lets other threads call curl_multi_wakeup; they do so under the
    // inbox's lock, and never after it was closed.
    private let multi: UnsafeMutableRawPointer
    private let inbox = Lock(Inbox())
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private let maximumTransfers: Int

    /// How many idle connections are kept. libcurl's own number follows the number of calls under way, and would close most
    /// connections when there are few calls.
    private static let keptConnections = 256

    init(maximumTransfers: Int) throws(SignetError) {
        guard let multi = curl_multi_init() else { throw SignetError(transport: "libcurl cannot be initialised") }
        self.multi = multi
        self.maximumTransfers = maximumTransfers
        // A limit of libcurl's own would make a queue, in which a request's time runs while it waits.
        _ = signet_multi_set_long(multi, CURLMOPT_MAXCONNECTS, min(Self.keptConnections, maximumTransfers))
        // The thread keeps the loop until it is closed.
        guard let thread = JoinableThread({ self.run() }) else {
            throw SignetError(transport: "the thread that calls vendors cannot be started")
        }
        inbox.withLock { $0.thread = thread }
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    // MARK: From any thread

    func start(_ transfer: CurlTransfer, answering answer: Answer) {
        transfer.answer = answer
        let isClosed = inbox.withLock { inbox in
            if inbox.isClosed { return true }
            inbox.arrivals.append(transfer)
            curl_multi_wakeup(multi)
            return false
        }
        if isClosed { transfer.end(.failure(.cancelled)) }
    }

    /// The transfer need not have started, and may have ended.
    func cancel(_ transfer: CurlTransfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.cancelled.append(transfer)
            curl_multi_wakeup(multi)
        }
    }

    /// Ends everything and waits for the thread.
    func close() {
        let thread = inbox.withLock { inbox -> JoinableThread? in
            guard !inbox.isClosed else { return nil }
            inbox.isClosed = true
            curl_multi_wakeup(multi)
            return inbox.thread
        }
        thread?.join()
    }

    // MARK: On the loop's thread

    private func run() {
        // All signals are blocked here. SIGPIPE would end the process when a vendor hangs up under TLS.
        while takeInbox() {
            var count: Int32 = 0
            curl_multi_perform(multi, &count)
            endFinished()
            // If there is nothing to wait for, the loop must not become a busy one.
            if curl_multi_poll(multi, nil, 0, 60_000, nil) != CURLM_OK { usleep(10_000) }
        }
        for transfer in running.values { end(transfer, .failure(.cancelled)) }
    }

    /// Returns false when the loop was closed.
    private func takeInbox() -> Bool {
        let (arrivals, cancelled, isClosed) = inbox.withLock { inbox in
            defer {
                inbox.arrivals = []
                inbox.cancelled = []
            }
            return (inbox.arrivals, inbox.cancelled, inbox.isClosed)
        }
        for transfer in arrivals {
            if transfer.isCancelled.load(ordering: .acquiring) || isClosed {
                transfer.end(.failure(.cancelled))
            } else if running.count >= maximumTransfers {
                transfer.end(.failure(.busy))
            } else if curl_multi_add_handle(multi, transfer.handle) == CURLM_OK {
                running[transfer.handle] = transfer
            } else {
                transfer.end(.failure(.notConnected("libcurl does not accept another request")))
            }
        }
        // A request on the wire goes to its end: the vendor may act on it, and the circuit breaker hears of the answer.
        for transfer in cancelled where running[transfer.handle] === transfer && !transfer.hasBegun {
            end(transfer, .failure(.cancelled))
        }
        return !isClosed
    }

    private func endFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = running[handle]
            else { continue }
            end(transfer, transfer.result(of: signet_multi_result(message)))
        }
    }

    private func end(_ transfer: CurlTransfer, _ result: Result<VendorAnswer, TransportError>) {
        curl_multi_remove_handle(multi, transfer.handle)
        running[transfer.handle] = nil
        transfer.end(result)
    }
}
