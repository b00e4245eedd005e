import Foundation
import SignetGateway
import SignetJOSE
import SignetServer
import SignetSystem

/// `signet-bench`: servers to measure and to compare with others. It is for this repository's own tests, and is not installed.
@main enum SignetBench {
    static let usage = """
        usage: signet-bench serve  --listen HOST:PORT|unix:PATH [--threads N] [--answer BYTES] [--tls CERTIFICATE KEY]
               signet-bench record --listen HOST:PORT|unix:PATH [--threads N] [--log FILE] [--tls CERTIFICATE KEY]

        serve   answers every request with BYTES bytes of JSON (default 700)
        record  answers with the method, target and body digest that it got; --log adds a line for each request

        Both print the address they listen on, and end with SIGTERM or SIGINT.
        """

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("signet-bench: \(error)\n\(usage)\n".utf8))
            exit(2)
        }
    }

    private static func run(_ arguments: [String]) throws {
        let options = try Options(arguments)
        // Before any thread is started, so that every thread has them blocked and sigwait gets them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        DescriptorLimit.raise()

        var limits = ServerLimits()
        limits.threads = options.threads
        let handler: any RequestHandling =
            switch options.command {
            case .serve: FixedAnswer(length: options.answer)
            case .record: try Recorder(log: options.log)
            }
        let server = try HTTPServer(
            on: options.socket(), tls: options.tls(), limits: limits, trustsPeers: true, handler: handler)
        print("listening on \(server.socket.name)")
        fflush(nil)
        var number: Int32 = 0
        sigwait(&signals, &number)
        server.finish(within: 1_000)
    }
}

struct Options {
    enum Command: String {
        case serve, record
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    let command: Command
    private(set) var listen = "127.0.0.1:0"
    private(set) var threads = 1
    private(set) var answer = 700
    private(set) var log: String?
    private var certificate: (certificate: String, key: String)?

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        guard let command = rest.popFirst().flatMap(Command.init) else { throw Fault(description: "no command") }
        self.command = command
        func value() throws -> String {
            guard let value = rest.popFirst() else { throw Fault(description: "a value is missing") }
            return value
        }
        while let option = rest.popFirst() {
            switch option {
            case "--listen": listen = try value()
            case "--threads": threads = max(1, Int(try value()) ?? 1)
            case "--answer": answer = max(2, Int(try value()) ?? 700)
            case "--log": log = try value()
            case "--tls": certificate = (try value(), try value())
            default: throw Fault(description: "unknown option \(option)")
            }
        }
    }

    func socket() throws -> ListeningSocket {
        if listen.hasPrefix("unix:") { return try .unix(path: String(listen.dropFirst(5))) }
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw Fault(description: "--listen is HOST:PORT or unix:PATH")
        }
        return try .tcp(host: String(listen[..<colon]), port: port)
    }

    func tls() throws -> TLSMaterial? {
        guard let certificate else { return nil }
        let chain = try Data(contentsOf: URL(filePath: certificate.certificate))
        let key = try Data(contentsOf: URL(filePath: certificate.key))
        return try TLSMaterial(certificate: chain, key: SecretBytes(copying: key))
    }
}

/// Answers always the same.
struct FixedAnswer: RequestHandling {
    private let response: GatewayResponse

    init(length: Int) {
        let body = "{\"a\":\"" + String(repeating: "x", count: max(0, length - 8)) + "\"}"
        response = GatewayResponse(
            status: 200,
            headers: [
                ("Content-Type", "application/json"), ("Cache-Control", "no-store"),
                ("X-Request-Id", "00000000-0000-4000-8000-000000000000"),
            ], body: Array(body.utf8))
    }

    func reply(to request: GatewayRequest) -> GatewayReply {
        .ready(response)
    }

    func refusal(_ problem: Problem) -> GatewayResponse {
        problem.response(requestID: "refused")
    }
}

/// Answers with what it was asked, and writes it down.
final class Recorder: RequestHandling {
    private let log: Lock<FileHandle?>

    init(log path: String?) throws {
        guard let path else {
            log = Lock(nil)
            return
        }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        log = Lock(try FileHandle(forWritingTo: URL(filePath: path)))
    }

    func reply(to request: GatewayRequest) -> GatewayReply {
        var digest = [UInt8](repeating: 0, count: SHA256.length)
        _ = request.body.withUnsafeBytes { SHA256.digest($0, into: &digest) }
        let record = JSONWriter.bytes(
            of: [
                "method": .string(request.method), "target": .string(request.target),
                "body": .string(Hexadecimal.encode(digest)), "length": .number(JSONNumber(request.body.count)),
            ])
        let line = record + [UInt8(ascii: "\n")]
        log.withLock { $0?.write(Data(line)) }
        // The field is for HEAD, whose answer has no body.
        return .ready(
            GatewayResponse(
                status: 200,
                headers: [
                    ("Content-Type", "application/json"), ("X-Recorded", String(decoding: record, as: UTF8.self)),
                ], body: line))
    }

    func refusal(_ problem: Problem) -> GatewayResponse {
        problem.response(requestID: "refused")
    }
}
