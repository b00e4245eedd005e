import SignetJOSE
import SignetSystem

/// A customer as the company's backend knows them.
///
/// A customer that exists is well-formed: the initialiser refuses everything that a vendor's form could not carry.
public struct Customer: Sendable, Equatable {
    /// The company's own id for them: 1 to 256 bytes of UTF-8, no control characters; compared by its exact bytes.
    public let subject: String
    /// Their address, if it is known.
    public let email: String?
    /// Their name, if it is known.
    public let name: String?
    /// Their telephone number, if it is known.
    public let phone: String?
    /// Whatever else is known, by names of the form `[A-Za-z][A-Za-z0-9_-]{0,63}`.
    public let attributes: [String: String]

    /// The longest subject, in bytes of UTF-8.
    public static let maximumSubjectLength = 256

    /// Makes a customer. An empty optional is an absent one.
    ///
    /// - Throws: ``SignetError`` naming the first member that does not hold. Control characters are refused everywhere,
    ///   but for line breaks and tabs in an attribute's value.
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
            throw SignetError("/subject", .empty, "subject is empty", hint: "a stranger is \"anonymous\": true")
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

    /// Byte for byte: Swift's own comparison calls canonically equivalent texts equal, and a vendor does not.
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

extension Customer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says that it is a customer, and not which.
    public var description: String { "a customer" }
    /// Says that it is a customer, and not which.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The names that attributes can have.
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
