import SignetJOSE
import SignetSystem

/// The person to sign for: a customer or an anonymous visitor.
public enum Identity: Sendable, Equatable {
    /// A customer who has signed in.
    case customer(Customer)
    /// An anonymous visitor.
    case anonymous
}

/// A customer, as the company's backend knows them.
///
/// The initialiser refuses every value that a vendor's form could not carry.
public struct Customer: Sendable, Equatable {
    /// The company's own id: 1 to 256 bytes of UTF-8 without control characters, compared byte for byte.
    public let subject: String
    /// The email address, if known.
    public let email: String?
    /// The name, if known.
    public let name: String?
    /// The telephone number, if known.
    public let phone: String?
    /// Other values, by names of the form `[A-Za-z][A-Za-z0-9_-]{0,63}`.
    public let attributes: [String: String]

    /// The longest subject, in bytes of UTF-8.
    public static let maximumSubjectLength = 256

    /// Makes a customer. An empty optional value counts as absent.
    ///
    /// - Throws: ``SignetError`` for the first invalid member. Control characters are refused, except line breaks and tabs in
    ///   an attribute's value.
    public init(
        subject: String, email: String? = nil, name: String? = nil, phone: String? = nil,
        attributes: [String: String] = [:]
    ) throws(SignetError) {
        try Self.checkSubject(subject)
        self.subject = subject
        self.email = try Self.checked(email, at: "/email")
        self.name = try Self.checked(name, at: "/name")
        self.phone = try Self.checked(phone, at: "/phone")
        self.attributes = attributes.isEmpty ? [:] : try Self.checked(attributes)
    }

    private static func checkSubject(_ subject: String) throws(SignetError) {
        guard !subject.isEmpty else {
            throw SignetError(
                "/subject", .empty, "subject is empty", hint: "for an anonymous visitor, send \"anonymous\": true")
        }
        guard subject.utf8.count <= maximumSubjectLength else {
            throw SignetError("/subject", .tooLong, "subject is longer than \(maximumSubjectLength) bytes")
        }
        guard !containsControl(subject) else {
            throw SignetError("/subject", .controlCharacter, "subject holds a control character")
        }
    }

    private static func checked(_ text: String?, at pointer: String) throws(SignetError) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard !containsControl(text) else {
            throw SignetError(pointer, .controlCharacter, "\(pointer.dropFirst()) holds a control character")
        }
        return text
    }

    private static func checked(_ attributes: [String: String]) throws(SignetError) -> [String: String] {
        var kept: [String: String] = [:]
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            guard AttributeName.isValid(name) else {
                throw SignetError(
                    "/attributes", .attributeName, "an attribute's name is not of the form \(AttributeName.pattern)")
            }
            guard !containsControl(value, allowingLines: true) else {
                throw SignetError(
                    "/attributes/\(name)", .controlCharacter, "attributes.\(name) holds a control character")
            }
            if !value.isEmpty { kept[name] = value }
        }
        return kept
    }

    /// Compares byte for byte, as vendors do. Swift's `==` takes canonically equivalent texts for equal.
    public static func == (left: Customer, right: Customer) -> Bool {
        left.subject.hasSameBytes(as: right.subject) && haveSameBytes(left.email, right.email)
            && haveSameBytes(left.name, right.name) && haveSameBytes(left.phone, right.phone)
            && left.attributes.count == right.attributes.count
            && left.attributes.allSatisfy { haveSameBytes($0.value, right.attributes[$0.key]) }
    }

    private static func haveSameBytes(_ left: String?, _ right: String?) -> Bool {
        left.map(ByteString.init) == right.map(ByteString.init)
    }

    private static func containsControl(_ text: String, allowingLines: Bool = false) -> Bool {
        text.unicodeScalars.contains { $0.isControl && !(allowingLines && ["\n", "\r", "\t"].contains($0)) }
    }
}

extension Customer: Redacted {
    /// A fixed text without any value.
    public var description: String { "a customer" }
}

/// The form of attribute names.
package enum AttributeName {
    package static let pattern = "[A-Za-z][A-Za-z0-9_-]{0,63}"

    package static func isValid(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { byte in
            isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

/// The fault of a member of a request. `errors` in a problem document have these codes.
public enum IdentityFault: String, Sendable, CaseIterable {
    /// The text is not strict JSON.
    case json
    /// The value has the wrong type.
    case type
    /// There is no member of this name.
    case unknown
    /// A required member is missing.
    case missing
    /// Two members exclude each other.
    case conflict
    /// The value is empty.
    case empty
    /// The value is longer than allowed.
    case tooLong = "too-long"
    /// The value contains a control character.
    case controlCharacter = "control-character"
    /// The name is not valid for an attribute.
    case attributeName = "attribute-name"
    /// A session id is not 1 to 256 URL-safe characters.
    case sessionID = "session-id"
}

extension SignetError {
    /// Makes the error of a malformed identity or request; its code is `identity-malformed`.
    ///
    /// - Parameters:
    ///   - pointer: The member, as a JSON Pointer (RFC 6901); the empty pointer is the whole request.
    ///   - reason: What is wrong. It must not contain the value.
    package init(_ pointer: String, _ fault: IdentityFault, _ reason: String, hint: String? = nil) {
        self.init(
            code: "identity-malformed", reason, hint: hint, pointer: pointer, memberFault: fault.rawValue)
    }
}
