import CLinux
import SignetSystem

/// An eventfd(2): one thread signals it, and another waits for it.
final class WakeEvent: Sendable {
    let descriptor: Int32

    init() throws(SignetError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw SignetError(ServerFault.system, "cannot create an eventfd: \(words(for: errno))", hint: "ulimit -n")
        }
    }

    deinit {
        closeDescriptor(descriptor)
    }

    func signal() {
        eventfd_write(descriptor, 1)
    }

    func clear() {
        var count: eventfd_t = 0
        unsafe eventfd_read(descriptor, &count)
    }

    /// Waits for a signal, for some milliseconds at most, and clears it.
    func wait(milliseconds: Int32) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, milliseconds)
        clear()
    }

    /// Waits for a signal, which it clears, or until another descriptor is readable; says whether that one is.
    func wait(orReadable other: Int32) -> Bool {
        var waiting = [
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&waiting, 2, -1)
        if waiting[1].revents != 0 { clear() }
        return waiting[0].revents != 0
    }
}
