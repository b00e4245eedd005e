import CCurl
import SignetGateway
import SignetJOSE
import SignetSystem

/// A request's header fields as libcurl's list, cleansed when they are given up: one of them is a token.
final class CurlFields {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    init(_ fields: [(name: String, value: String)]) throws(TransportError) {
        // An empty Expect keeps libcurl from asking for leave before it sends a body.
        for (name, value) in fields + [("Expect", "")] {
            guard let longer = curl_slist_append(list, "\(name): \(value)") else {
                throw .notConnected("libcurl does not take the header fields")
            }
            list = longer
        }
    }

    deinit {
        var next = list
        while let node = next {
            if let text = node.pointee.data {
                Memory.cleanse(UnsafeMutableRawBufferPointer(start: text, count: strlen(text)))
            }
            next = node.pointee.next
        }
        curl_slist_free_all(list)
    }

    /// The value of a header field, where a line of an answer is that one; `name` is in lower case.
    static func value(of name: String, in line: UnsafeRawBufferPointer) -> String? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line.count <= 256,
            line[..<colon].lazy.map({ $0 | 0x20 }).elementsEqual(name.utf8)
        else { return nil }
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
        let value = line[(colon + 1)...].drop(while: isBlank)
        guard let last = value.lastIndex(where: { !isBlank($0) }) else { return nil }
        return String(decoding: value[...last], as: UTF8.self)
    }
}
