import SignetJOSE
import SignetSystem

/// A socket that accepts connections, opened here or passed in by systemd.
///
/// It owns its descriptor; the server has a duplicate. Closing it refuses new connections at once, whatever duplicates there are: one
/// that was opened here is shut down, one that was passed in is systemd's, which goes on listening for whoever comes next.
package final class ListeningSocket: Sendable {
    /// Where a listener comes from, and so how it is closed.
    enum Origin: Sendable {
        case opened
        case bound(SocketFile, FileInformation)
        case passed
    }

    /// The address for people: `127.0.0.1:8480`, `unix:/run/signet.sock`, `systemd`.
    package let name: String
    /// The port, also where any was asked for; nil for a Unix-domain socket.
    package let port: UInt16?
    /// Whether all that can connect is on this machine: a Unix-domain socket or a loopback address.
    package let isLocal: Bool

    private let origin: Origin
    private let descriptor: Lock<Int32?>

    init(descriptor: Int32, name: String?, origin: Origin) throws(SignetError) {
        do throws(SignetError) {
            // Accepting must not wait where the client has gone again.
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0,
                fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
            else { throw SignetError(ServerFault.system, "the listening socket: \(words(for: errno))") }
            let address = try SocketAddress(localOf: descriptor)
            self.name = name ?? address.text
            port = address.port
            isLocal = address.isLocal
            self.origin = origin
            self.descriptor = Lock(descriptor)
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
    }

    deinit {
        close()
    }

    /// A descriptor of its own for the same listener.
    func duplicate() throws(SignetError) -> Int32 {
        let copy = descriptor.withLock { $0.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } }
        guard let copy else { throw SignetError(ServerFault.system, "\(name) does not listen any more") }
        guard copy >= 0 else {
            throw SignetError(
                ServerFault.system, "\(name): \(words(for: errno))", hint: "raise the limit on open files (ulimit -n)")
        }
        return copy
    }

    /// Refuses new connections from now on. A socket file goes with it, unless it has become another's.
    package func close() {
        let open = descriptor.withLock { descriptor -> Int32? in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open else { return }
        switch origin {
        case .bound(let file, let entry):
            file.remove(entry)
            shutdown(open, Int32(SHUT_RDWR))
        case .opened: shutdown(open, Int32(SHUT_RDWR))
        // That would end it for everybody.
        case .passed: break
        }
        closeDescriptor(open)
    }
}
