import CLinux
import SignetSystem

/// An epoll(7) instance, level-triggered.
@safe final class Poller {
    /// An event of one descriptor.
    struct Event {
        let token: UInt64
        let isReady: Bool
        /// The peer sends no more.
        let isLeaving: Bool
        /// Both directions are shut down, or the socket is broken.
        let isBroken: Bool
    }

    private let descriptor: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)

    /// Owns a descriptor from ``open(token:for:)``.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Creates an epoll instance that watches a wake event.
    static func open(token: UInt64, for wakeEvent: WakeEvent) throws(SignetError) -> Int32 {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0, control(descriptor, EPOLL_CTL_ADD, wakeEvent.descriptor, token, .reading) else {
            let code = errno
            if descriptor >= 0 { closeDescriptor(descriptor) }
            throw SignetError(
                ServerFault.system, "cannot create an epoll instance: \(words(for: code))", hint: "ulimit -n")
        }
        return descriptor
    }

    deinit {
        closeDescriptor(descriptor)
    }

    /// Waits for some milliseconds at most, and returns the number of events; -1 waits without a limit.
    func wait(milliseconds: Int32) -> Int {
        max(0, Int(unsafe epoll_wait(descriptor, &events, Int32(events.count), milliseconds)))
    }

    /// One of the events that ``wait(milliseconds:)`` has counted.
    func event(_ index: Int) -> Event {
        let event = unsafe events[index]
        let flags = unsafe event.events
        return Event(
            token: unsafe event.data.u64, isReady: flags & (EPOLLIN.rawValue | EPOLLOUT.rawValue) != 0,
            isLeaving: flags & EPOLLRDHUP.rawValue != 0,
            isBroken: flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0)
    }

    func add(_ target: Int32, token: UInt64, _ interest: ClientState.Interest) -> Bool {
        Self.control(descriptor, EPOLL_CTL_ADD, target, token, interest)
    }

    func change(_ target: Int32, token: UInt64, _ interest: ClientState.Interest) {
        _ = Self.control(descriptor, EPOLL_CTL_MOD, target, token, interest)
    }

    private static func control(
        _ descriptor: Int32, _ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: ClientState.Interest
    ) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events =
            switch interest {
            case .nothing: 0
            case .reading: EPOLLIN.rawValue
            case .writing: EPOLLOUT.rawValue
            case .leaving: EPOLLRDHUP.rawValue
            }
        unsafe event.data.u64 = token
        return unsafe epoll_ctl(descriptor, operation, target, &event) == 0
    }
}
