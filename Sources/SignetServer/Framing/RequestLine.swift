/// The request line as the library has cut it up in place.
struct RequestLine {
    let method: UnsafePointer<CChar>
    let url: UnsafePointer<CChar>
    let version: UnsafePointer<CChar>

    var methodText: String { String(cString: method) }

    /// Whether it is of HTTP/1.0, where a connection is for one request.
    var isOld: Bool { version.hasText("HTTP/1.0") }

    /// What is wrong with it; the target as it stood is given by itself, since the library takes its query off in place.
    func fault(target: String) -> FramingFault? {
        guard method.pointee != 0, method.bytes.allSatisfy(FieldSyntax.isUppercaseToken) else { return .method }
        guard isOld || version.hasText("HTTP/1.1") else { return .version }
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(FieldSyntax.isTarget) else {
            return .target
        }
        return nil
    }
}

extension UnsafePointer<CChar> {
    /// The bytes before the terminating zero.
    var bytes: UnsafeRawBufferPointer {
        var end = self
        while end.pointee != 0 { end += 1 }
        return UnsafeRawBufferPointer(start: self, count: end - self)
    }

    func hasText(_ text: StaticString) -> Bool {
        bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
