import Foundation
import SignetGateway
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetServer

@Suite(.onThreads) struct ListeningSocketTests {
    private static func serve(_ socket: ListeningSocket) throws -> HTTPServer {
        try HTTPServer(on: socket, limits: .generous, trustsPeers: true, handler: EchoHandler())
    }

    private static func fault(_ body: () throws -> ListeningSocket) -> SignetError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? SignetError
        }
    }

    // MARK: TCP

    @Test func chosenPortIsReported() throws {
        let socket = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
        let port = try #require(socket.port)
        #expect(port > 0)
        #expect(socket.name == "127.0.0.1:\(port)")
        #expect(socket.isLocal)
        #expect(try ListeningSocket.tcp(host: "0.0.0.0", port: 0).isLocal == false)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1", "[::1]", "::", "0.0.0.0"])
    func hostIsListenedOn(_ host: String) throws {
        let socket: ListeningSocket
        do throws(SignetError) {
            socket = try ListeningSocket.tcp(host: host, port: 0)
        } catch {
            // The machine has no IPv6.
            #expect(host.contains(":") && error.isFault(ServerFault.addressUnknown))
            return
        }
        let server = try Self.serve(socket)
        defer { server.finish(within: 0) }
        if !host.contains("1]") && host != "::1" {
            #expect(try RawClient(port: socket.port ?? 0).ask(get("/"))?.status == 200)
        }
    }

    @Test func usedAddressIsRefused() throws {
        let first = try ListeningSocket.tcp(host: "127.0.0.1", port: 0)
        let port = try #require(first.port)
        let fault = try #require(Self.fault { try ListeningSocket.tcp(host: "127.0.0.1", port: port) })
        #expect(fault.isFault(ServerFault.addressInUse))
        #expect(fault.reason == "127.0.0.1:\(port): another process listens there")
        #expect(fault.hint != nil)
    }

    @Test func unknownAddressIsRefused() throws {
        #expect(Self.fault { try .tcp(host: "192.0.2.1", port: 0) }?.isFault(ServerFault.addressUnknown) == true)
        #expect(
            Self.fault { try .tcp(host: "no-such-host.invalid", port: 0) }?.isFault(ServerFault.addressUnknown) == true)
    }

    @Test func closedPortCanBeReopenedAtOnce() throws {
        let running = try RunningServer()
        let client = try running.client()
        #expect(client.ask(get("/"))?.status == 200)
        running.server.finish(within: 0)
        let again = try Self.serve(.tcp(host: "127.0.0.1", port: running.port))
        #expect(try RawClient(port: running.port).ask(get("/"))?.status == 200)
        again.finish(within: 0)
    }

    // MARK: Unix-domain sockets

    @Test func unixSocketIsServed() throws {
        let directory = try ScratchDirectory()
        let path = directory.path("a.sock")
        let socket = try ListeningSocket.unix(path: path)
        let server = try Self.serve(socket)
        #expect(try directory.mode("a.sock") == 0o660)
        #expect(socket.name == "unix:\(path)")
        #expect(socket.port == nil)
        #expect(socket.isLocal)
        let client = try RawClient(path: path)
        for number in 0..<100 { #expect(client.ask(get("/\(number)"))?.status == 200) }
        #expect(client.ask("GET / HTTP/1.1\r\n\r\n")?.status == 400)
        server.beginDrain()
        #expect(!directory.exists("a.sock"))
        server.finish(within: 1_000)
    }

    @Test func slowUnixSocketClientIsCutOff() throws {
        let directory = try ScratchDirectory()
        var limits = ServerLimits.generous
        limits.header = 300
        let server = try HTTPServer(
            on: .unix(path: directory.path("a.sock")), limits: limits, trustsPeers: true, handler: EchoHandler())
        let client = try RawClient(path: directory.path("a.sock"))
        client.send("GET /")
        #expect(client.receiveAll().flatMap { Response($0)?.status } == 408)
        #expect(eventually { server.statistics.cutClients == 1 })
        server.finish(within: 0)
    }

    @Test func staleSocketFileIsReplaced() throws {
        let directory = try ScratchDirectory()
        let path = directory.path("a.sock")
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(left)
        #expect(directory.exists("a.sock"))
        let server = try Self.serve(.unix(path: path))
        #expect(try RawClient(path: path).ask(get("/"))?.status == 200)
        server.finish(within: 0)
    }

    @Test func socketFileInUseIsRefused() throws {
        let directory = try ScratchDirectory()
        let path = directory.path("a.sock")
        let first = try Self.serve(.unix(path: path))
        #expect(Self.fault { try .unix(path: path) }?.isFault(ServerFault.addressInUse) == true)
        #expect(try RawClient(path: path).ask(get("/"))?.status == 200)
        first.finish(within: 0)
    }

    @Test func otherFileAtSocketPathIsRefused() throws {
        let directory = try ScratchDirectory()
        try directory.write("precious", to: "file")
        #expect(Self.fault { try .unix(path: directory.path("file")) }?.isFault(ServerFault.socketPath) == true)
        #expect(try directory.text("file") == "precious")
        #expect(
            Self.fault { try .unix(path: directory.path("missing/a.sock")) }?.isFault(ServerFault.socketPath) == true)
        #expect(
            Self.fault { try .unix(path: "/tmp/" + String(repeating: "a", count: 200)) }?.isFault(
                ServerFault.socketPath) == true)
    }

    /// Another process may have replaced the file.
    @Test func replacedSocketFileIsNotRemoved() throws {
        let directory = try ScratchDirectory()
        let path = directory.path("a.sock")
        let first = try ListeningSocket.unix(path: path)
        unlink(path)
        let second = try ListeningSocket.unix(path: path)
        first.close()
        #expect(directory.exists("a.sock"))
        second.close()
        #expect(!directory.exists("a.sock"))
    }

    // MARK: Sockets passed by systemd

    /// Two listeners at consecutive descriptors, as systemd passes them.
    private static func passed() throws -> (first: Int32, ports: [UInt16], sockets: [ListeningSocket]) {
        DescriptorLimit.raise()
        let sockets = try (0..<2).map { _ in try ListeningSocket.tcp(host: "127.0.0.1", port: 0) }
        let one = try sockets[0].duplicate()
        let two = try sockets[1].duplicate()
        // Other tests open sockets at the same time.
        var first = fcntl(one, F_DUPFD, 3_000)
        while fcntl(two, F_DUPFD, first + 1) != first + 1 { first = fcntl(one, F_DUPFD, first + 2) }
        close(one)
        close(two)
        // Closing the sockets shuts them down, so the test keeps them.
        return (first, sockets.compactMap(\.port), sockets)
    }

    @Test func passedSocketIsUsed() throws {
        let (first, ports, sockets) = try Self.passed()
        defer { for socket in sockets { socket.close() } }
        var variables = ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "main:admin"]
        let admin = try ListeningSocket.systemd(named: "admin", variables: variables, firstDescriptor: first)
        #expect(admin.port == ports[1])
        #expect(admin.name == "127.0.0.1:\(ports[1])")
        #expect(fcntl(first + 1, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
        #expect(
            Self.fault { try .systemd(named: "other", variables: variables, firstDescriptor: first) }?.code
                == ServerFault.socketNotPassed.rawValue)
        variables["LISTEN_FDNAMES"] = nil
        #expect(
            Self.fault { try .systemd(named: "admin", variables: variables, firstDescriptor: first) }?.code
                == ServerFault.socketNotPassed.rawValue)
        let main = try ListeningSocket.systemd(variables: variables, firstDescriptor: first)
        #expect(main.port == ports[0])
    }

    @Test func missingPassedSocketIsRefused() throws {
        let mine = "\(getpid())"
        for variables in [
            [:], ["LISTEN_PID": mine], ["LISTEN_PID": "1", "LISTEN_FDS": "1"], ["LISTEN_PID": mine, "LISTEN_FDS": "0"],
        ] {
            let fault = try #require(Self.fault { try .systemd(variables: variables) })
            #expect(fault.isFault(ServerFault.socketNotPassed))
            #expect(fault.hint?.contains("signet.socket") == true)
        }
        let file = open("/dev/null", O_RDONLY)
        let variables = ["LISTEN_PID": mine, "LISTEN_FDS": "1"]
        #expect(
            Self.fault { try .systemd(variables: variables, firstDescriptor: file) }?.isFault(
                ServerFault.socketNotPassed) == true)
        close(file)
    }

    /// A stop leaves systemd's socket listening, and the next process serves the clients in the backlog.
    @Test func passedSocketListensAfterFinish() throws {
        let (first, ports, sockets) = try Self.passed()
        defer { for socket in sockets { socket.close() } }
        let variables = ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": "2"]
        for _ in 0..<3 {
            // A duplicate, as a new process would have.
            let own = fcntl(first, F_DUPFD, 3_000)
            let server = try Self.serve(.systemd(variables: variables, firstDescriptor: own))
            #expect(try RawClient(port: ports[0]).ask(get("/"))?.status == 200)
            server.beginDrain()
            let early = try RawClient(port: ports[0])
            early.send(get("/early"))
            server.finish(within: 1_000)
            let next = try Self.serve(.systemd(variables: variables, firstDescriptor: fcntl(first, F_DUPFD, 3_000)))
            #expect(early.response()?.status == 200)
            next.finish(within: 1_000)
        }
    }
}
