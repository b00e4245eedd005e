/// The JSON reader for tokens, request bodies and the configuration: RFC 8259, with positions.
///
/// It refuses duplicate members, invalid UTF-8, lone surrogates, integers beyond 64 bits, text after the value, and
/// nesting beyond ``maximumDepth``. Many readers accept them.
public struct JSONReader: Sendable {
    /// Exceptions from the strict rules.
    public struct Options: Sendable {
        /// Accepts `//` and `/* */` comments and a trailing comma, as in the configuration.
        public var allowsComments: Bool
        /// Keeps duplicate members, for the caller to report.
        public var keepsDuplicates: Bool
        /// Members whose strings are secret: they stay in the source, and their nodes have a range and an empty text.
        var withheldMembers: Set<String> = []
        /// Members of the outermost object that are kept, by the strict rules; nil for all. The rest of the text only has to
        /// follow the grammar, and is dropped.
        var readMembers: Set<String>?

        /// RFC 8259 without exceptions.
        public static let strict = Options(allowsComments: false, keepsDuplicates: false)
        /// The dialect of the configuration. Duplicates are reported together with its other faults.
        public static let configuration = Options(allowsComments: true, keepsDuplicates: true)
    }

    /// The deepest nesting of arrays and objects.
    public static let maximumDepth = 32

    /// The deepest nesting in members that are dropped.
    static let maximumUnreadDepth = 128

    /// Reads one JSON value. `bytes` may contain nothing else.
    public static func read(
        _ bytes: some Collection<UInt8>, options: Options = .strict
    ) throws(JSONError) -> JSONNode {
        var parser = JSONParser(source: Array(bytes), options: options)
        if options.readMembers == nil { try checkUTF8(parser.source) }
        return try parser.document()
    }

    /// Reads some members of a foreign object, and drops the others.
    ///
    /// A dropped member may contain what the strict rules refuse: a duplicate, a number of any size, half of a surrogate pair,
    /// bytes that are not UTF-8.
    package static func members(
        _ names: Set<String>, of bytes: some Collection<UInt8>
    ) throws(JSONError) -> JSONValue {
        var options = Options.strict
        options.readMembers = names
        return try read(bytes, options: options).value
    }

    /// Reads strict JSON with secrets in the members `withheld`, and cleanses its copy of the text.
    package static func read(
        secret bytes: UnsafeRawBufferPointer, withholding withheld: Set<String>
    ) throws(JSONError) -> JSONNode {
        var options = Options.strict
        options.withheldMembers = withheld
        var parser = JSONParser(source: Array(bytes), options: options)
        defer { parser.cleanse() }
        try checkUTF8(parser.source)
        return try parser.document()
    }

    /// Reads one strict JSON value, without positions.
    public static func value(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        try read(bytes).value
    }

    /// Refuses bytes that are not UTF-8, in the whole source or in a part of it.
    static func checkUTF8(_ source: [UInt8], in range: Range<Int>? = nil) throws(JSONError) {
        let range = range ?? source.indices
        do {
            _ = try UTF8Span(validating: source.span.extracting(range))
        } catch {
            let position = TextPosition(offset: range.lowerBound + error.byteOffsets.lowerBound, in: source)
            throw JSONError(
                kind: .invalidUTF8, position: position, fault: "not valid UTF-8",
                hint: "save the text as UTF-8")
        }
    }
}
