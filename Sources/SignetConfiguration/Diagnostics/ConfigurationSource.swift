import SignetJOSE

/// The text of a configuration, with the lines and columns of its members.
package struct ConfigurationSource: Sendable {
    /// The file, as the user named it.
    package let file: String
    /// The directory that relative paths start from.
    package let directory: String
    /// The bytes.
    package let bytes: [UInt8]
    /// The value of the text.
    package let root: JSONNode

    package init(file: String, bytes: [UInt8]) throws(ConfigurationError) {
        self.file = file
        self.bytes = bytes
        let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
        directory = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        do {
            root = try JSONReader.read(bytes, options: .configuration)
        } catch {
            throw ConfigurationError([
                Diagnostic(file: file, position: error.position, path: "", message: error.fault, hint: error.hint)
            ])
        }
    }

    /// A path in the configuration. A relative one starts at the configuration's directory.
    package func resolve(_ path: String) -> String {
        // In a configuration "-" is a file, not standard input.
        path.hasPrefix("/") || directory == "." && path != "-" ? path : "\(directory)/\(path)"
    }

    /// A diagnostic at a byte.
    func diagnostic(
        at offset: Int, _ path: [String], _ message: String, severity: Diagnostic.Severity = .error,
        hint: String? = nil, isExternal: Bool = false
    ) -> Diagnostic {
        Diagnostic(
            severity, file: file, position: TextPosition(offset: offset, in: bytes), path: text(of: path),
            message: message, hint: hint, isExternal: isExternal)
    }

    /// A diagnostic at a member, or at the nearest value around it that exists.
    package func diagnostic(
        _ path: [String], _ message: String, severity: Diagnostic.Severity = .error, hint: String? = nil,
        isExternal: Bool = false
    ) -> Diagnostic {
        diagnostic(at: offset(of: path), path, message, severity: severity, hint: hint, isExternal: isExternal)
    }

    private func offset(of path: [String]) -> Int {
        var node = root
        for step in path {
            guard let next = Self.child(step, of: node) else { break }
            node = next
        }
        return node.range.lowerBound
    }

    /// `callers[0].routes`: list elements in brackets, members after dots, unusual names in quotes.
    private func text(of path: [String]) -> String {
        var node: JSONNode? = root
        var text = ""
        for step in path {
            if node?.elements != nil {
                text += "[\(step)]"
            } else {
                text += (text.isEmpty ? "" : ".") + Self.shown(step)
            }
            node = node.flatMap { Self.child(step, of: $0) }
        }
        return text
    }

    private static func shown(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        return isPlain && !name.isEmpty ? name : JSONWriter.text(of: .string(name)).visible
    }

    private static func child(_ step: String, of node: JSONNode) -> JSONNode? {
        if let elements = node.elements {
            return Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
        return node.member(step)?.value
    }
}
