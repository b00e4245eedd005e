import SignetJOSE
import SignetSystem

/// A fault of a configuration or a warning, with its place.
public struct Diagnostic: Sendable, Equatable {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// The configuration cannot be used.
        case error
        /// The configuration can be used, but should be looked at.
        case warning
    }

    /// How bad it is.
    public let severity: Severity
    /// The configuration file, as the user named it.
    public let file: String
    /// The place in the file; nil for the whole file.
    public let position: TextPosition?
    /// The member: `routes.uk-store.connection`.
    public let path: String
    /// What is wrong.
    public let message: String
    /// What to do about it.
    public let hint: String?
    /// Whether the fault is outside the configuration, as with a missing file.
    public let isExternal: Bool
    /// Whether a made-up customer could not be signed, in a configuration without other faults.
    package var isProbe = false

    package init(
        _ severity: Severity = .error, file: String, position: TextPosition?, path: String, message: String,
        hint: String? = nil, isExternal: Bool = false
    ) {
        self.severity = severity
        self.file = file
        self.position = position
        self.path = path
        // Both quote the file, which may have control characters.
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
    /// In the order of the file. At one place, in the order of this list.
    package var inFileOrder: [Diagnostic] {
        enumerated().sorted { left, right in
            let (first, second) = (left.element.position?.offset ?? 0, right.element.position?.offset ?? 0)
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
    }
}

/// All faults of a configuration that cannot be used.
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

    /// Whether all faults are outside the configuration.
    public var isExternal: Bool { diagnostics.allSatisfy(\.isExternal) }
}
