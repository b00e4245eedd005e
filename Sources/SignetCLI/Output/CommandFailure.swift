import SignetConfiguration
import SignetDelivery
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetServer
import SignetSystem

/// How the command ends.
enum ExitStatus: Int32 {
    /// It was done.
    case done = 0
    /// The answer is no: an invalid token, a failed check, an identity the vendor's form cannot hold.
    case no = 1
    /// Wrong use or wrong configuration.
    case wrongUse = 2
    /// Something outside Signet failed: a file, a socket, a vendor.
    case outside = 3
}

/// Why a command stops, as stderr shows it.
struct CommandFailure: Error {
    let status: ExitStatus
    /// The stable code of the library's error; nil where the command itself found the fault.
    let code: String?
    /// What is wrong, in one line.
    let message: String
    /// The lines for stderr, in their order.
    let lines: [String]

    init(_ status: ExitStatus, _ message: String, hint: String? = nil, code: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        lines = ["signet: error: \(message)"] + (hint.map { ["signet: hint: \($0)"] } ?? [])
    }

    init(_ status: ExitStatus, lines: [String]) {
        self.status = status
        code = nil
        message = lines.first ?? ""
        self.lines = lines
    }

    /// Turns an error of the library into status, message and hint. This is the only place that does.
    ///
    /// - Parameters:
    ///   - status: The exit status, where the command knows it better than the error.
    ///   - path: The file that the error is about, where the error does not name it.
    init(_ error: any Error, as status: ExitStatus? = nil, in path: String? = nil) {
        switch error {
        case let error as CommandFailure:
            self = error
        case let error as ConfigurationError:
            self.init(
                status ?? (error.isExternal ? .outside : .wrongUse), lines: Self.lines(of: error.diagnostics))
        case let error as any CodedError:
            let place = path.map { "\($0): " } ?? ""
            self.init(
                status ?? Self.status(of: error), place + error.reason, hint: error.hint, code: error.code)
        default:
            self.init(status ?? .outside, "\(error)")
        }
    }

    private static func status(of error: any CodedError) -> ExitStatus {
        if let error = error as? DeliveryError { return error.kind == .refused ? .no : .outside }
        return statuses[error.code] ?? .wrongUse
    }

    /// The exit status of each code. Any other code has ``ExitStatus/wrongUse``.
    private static let statuses: [String: ExitStatus] = {
        var statuses: [String: ExitStatus] = ["audit-unavailable": .outside, "transport-failed": .outside]
        for fault in FileFault.allCases where fault != .exists { statuses[fault.rawValue] = .outside }
        for fault in ServerFault.allCases { statuses[fault.rawValue] = .outside }
        for fault in [SigningFault.incomplete, .nothingToSign, .tokenTooLarge, .sessionNotAccepted] {
            statuses[fault.rawValue] = .no
        }
        statuses[SigningFault.failed.rawValue] = .outside
        return statuses
    }()

    /// `file:line:column: error: …` and `hint: …`.
    static func lines(of diagnostics: [Diagnostic]) -> [String] {
        diagnostics.flatMap { diagnostic -> [String] in
            // A diagnostic without a place in a file looks like any other failure.
            let name = diagnostic.position == nil ? "signet: " : ""
            let text = diagnostic.position == nil ? "signet: error: \(diagnostic.message)" : diagnostic.text
            return [text] + (diagnostic.hint.map { ["\(name)hint: \($0)"] } ?? [])
        }
    }
}

/// Runs code of the library. An error becomes a ``CommandFailure``, with its `status` and `path`.
func reporting<Value>(
    as status: ExitStatus? = nil, in path: String? = nil, _ body: () throws -> Value
) throws(CommandFailure) -> Value {
    do {
        return try body()
    } catch {
        throw CommandFailure(error, as: status, in: path)
    }
}
