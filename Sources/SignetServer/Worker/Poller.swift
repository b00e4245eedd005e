import CLinux
import SignetSystem

/// epoll(7), level-triggered.
@safe final class Poller {
    /// What the kernel tells of one descriptor.
    struct Event {
        let token: UInt64
        let isReady: Bool
        /// The other side sends no more.
        let isLeaving: Bool
        /// Both directions are over, or the connection is broken.
        let isBroken: Bool
    }

    private let descriptor: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 256)

    /// Takes a descriptor from ``open()``.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Makes an event queue that tells of a bell.
    static func open(telling token: UInt64, of bell: Bell) throws(SignetError) -> Int32 {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue
        unsafe event.data.u64 = token
        guard descriptor >= 0, unsafe epoll_ctl(descriptor, EPOLL_CTL_ADD, bell.descriptor, &event) == 0 else {
            let code = errno
            if descriptor >= 0 { closeDescriptor(descriptor) }
            throw SignetError(ServerFault.system, "no event queue can be made: \(words(for: code))", hint: "ulimit -n")
        }
        return descriptor
    }

    deinit {
        closeDescriptor(descriptor)
    }

    /// Waits for some milliseconds at most, and says how many events there are; -1 is for ever.
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

    func add(_ descriptor: Int32, token: UInt64, _ interest: Connection.Interest) -> Bool {
        control(EPOLL_CTL_ADD, descriptor, token, interest)
    }

    func change(_ descriptor: Int32, token: UInt64, _ interest: Connection.Interest) {
        _ = control(EPOLL_CTL_MOD, descriptor, token, interest)
    }

    private func control(
        _ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: Connection.Interest
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

/// An eventfd(2): something that one thread rings and another waits for.
final class Bell: Sendable {
    let descriptor: Int32

    init() throws(SignetError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw SignetError(
                ServerFault.system, "no event descriptor can be made: \(words(for: errno))", hint: "ulimit -n")
        }
    }

    deinit {
        closeDescriptor(descriptor)
    }

    func ring() {
        eventfd_write(descriptor, 1)
    }

    func silence() {
        var count: eventfd_t = 0
        unsafe eventfd_read(descriptor, &count)
    }
}

/// The seconds of Unix time, to the precision of the system's tick.
func unixSeconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
    return Int64(time.tv_sec)
}
