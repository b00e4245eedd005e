import SignetJOSE
import SignetSystem

/// Something to say about a configuration, with the place it is about.
public struct Diagnostic: Sendable, Equatable {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// It cannot be used.
        case error
        /// It can be used, and somebody should look.
        case warning
    }

    /// How bad it is.
    public let severity: Severity
    /// The configuration file, as it was named.
    public let file: String
    /// The place in it, unless it is about the whole file.
    public let position: TextPosition?
    /// The member it is about: `routes.uk-store.connection`.
    public let path: String
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String?
    /// Whether the fault lies outside the configuration: a file that is missing, say.
    public let isExternal: Bool
    /// Whether the configuration is sound and yet a connection does not sign what its vendor takes.
    package var isProbe = false

    package init(
        _ severity: Severity = .error, file: String, position: TextPosition?, path: String, message: String,
        hint: String? = nil, isExternal: Bool = false
    ) {
        self.severity = severity
        self.file = file
        self.position = position
        self.path = path
        // Both quote what stands in the file.
        self.message = message.visible
        self.hint = hint?.visible
        self.isExternal = isExternal
    }

    /// `signet.json:14:7: error: routes.uk-store.connection: no connection "talkativ-uk"`.
    public var text: String {
        let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
        let subject = path.isEmpty ? "" : "\(path): "
        return "\(place): \(severity.rawValue): \(subject)\(message)"
    }
}

extension [Diagnostic] {
    /// In the order of the file; at one place, in the order of finding.
    package var inFileOrder: [Diagnostic] {
        enumerated().sorted { left, right in
            let (first, second) = (left.element.position?.offset ?? 0, right.element.position?.offset ?? 0)
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}

/// A configuration that cannot be used, with everything that is wrong with it.
public struct ConfigurationError: CodedError {
    /// All faults, in the order of the file.
    public let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// Always `config-invalid`.
    public var code: String { "config-invalid" }

    /// The first fault, and how many more there are.
    public var reason: String {
        guard let first = diagnostics.first else { return "the configuration is invalid" }
        return diagnostics.count == 1 ? first.text : "\(first.text) (and \(diagnostics.count - 1) more)"
    }

    /// What to do about the first fault.
    public var hint: String? { diagnostics.first?.hint }

    /// Whether all that is wrong lies outside the configuration.
    public var isExternal: Bool { diagnostics.allSatisfy(\.isExternal) }
}
