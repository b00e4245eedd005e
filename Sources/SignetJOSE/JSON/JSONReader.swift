/// The one JSON reader for tokens, request bodies and the configuration: RFC 8259 to the letter, with positions.
///
/// It refuses what others let pass: duplicate members, invalid UTF-8, lone surrogates, integers beyond 64 bits,
/// anything after the value, and nesting beyond ``maximumDepth``.
public struct JSONReader: Sendable {
    /// What a reader puts up with.
    public struct Options: Sendable {
        /// Whether `//` and `/* */` comments and a trailing comma are taken, as in the configuration.
        public var allowsComments: Bool
        /// Whether duplicate members are kept for the caller to report, and not refused.
        public var keepsDuplicates: Bool
        /// Members whose strings are secret: they stay in the source, and their nodes have a range and an empty text.
        package var withheldMembers: Set<String> = []
        /// Members of the outermost object that are read, as strictly as ever; nil for all. What else stands in the text has only to
        /// keep to JSON's grammar, and is left out.
        package var readMembers: Set<String>?

        /// RFC 8259 and nothing else.
        public static let strict = Options(allowsComments: false, keepsDuplicates: false)
        /// The configuration's dialect; duplicates are reported together with its other faults.
        public static let configuration = Options(allowsComments: true, keepsDuplicates: true)
    }

    /// The deepest nesting of arrays and objects that is read.
    public static let maximumDepth = 32

    /// The deepest nesting of what is not read.
    static let maximumUnreadDepth = 128

    /// Reads one JSON value that takes up all of `bytes`.
    public static func read(
        _ bytes: some Collection<UInt8>, options: Options = .strict
    ) throws(JSONError) -> JSONNode {
        var parser = JSONParser(source: Array(bytes), options: options)
        if options.readMembers == nil { try checkUTF8(parser.source) }
        return try parser.document()
    }

    /// Reads some members of an object that somebody else wrote. What nobody reads may be what the strict reader refuses: a duplicate,
    /// a number of any size, half of a surrogate pair, bytes that are not UTF-8.
    package static func members(
        _ names: Set<String>, of bytes: some Collection<UInt8>
    ) throws(JSONError) -> JSONValue {
        var options = Options.strict
        options.readMembers = names
        return try read(bytes, options: options).value
    }

    /// Reads strict JSON that holds secrets in the members `withheld`, and cleanses the copy it makes.
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

    /// Reads one strict JSON value, without its positions.
    public static func value(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        try read(bytes).value
    }

    /// Refuses what is not UTF-8, in all of a source or in a part.
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
