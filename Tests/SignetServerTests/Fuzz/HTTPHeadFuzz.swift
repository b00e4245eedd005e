import SignetGateway

@testable import SignetServer

/// The fuzz target `http-head`: the result of the parser and the body reader does not depend on how the bytes are split, and only
/// valid requests reach the handler.
///
/// The first byte of an input is the number of lengths that follow, 15 at most. The rest is the stream, which is split into
/// pieces of these lengths. Without lengths it is read byte by byte.
enum HTTPHeadFuzz {
    /// The fault, or nil.
    static func fault(in input: [UInt8]) -> String? {
        guard let first = input.first else { return nil }
        let lengths = input.dropFirst().prefix(Int(first & 15))
        let stream = Array(input.dropFirst(1 + lengths.count))
        // Long lines in tiny pieces would be too slow.
        let shortest = max(1, stream.count / 512)
        let pieces = lengths.isEmpty ? [shortest] : lengths.map { max(shortest, Int($0)) }
        let whole = StreamReading(stream)
        if whole != StreamReading(stream, pieces: pieces) { return "the result depends on the pieces" }
        if whole.consumed > stream.count { return "more bytes are consumed than exist" }
        return whole.requests.lazy.compactMap(fault).first
    }

    private static func fault(in read: StreamReading.Request) -> String? {
        let request = read.request
        if request.method.isEmpty || !request.method.utf8.allSatisfy(FieldSyntax.isMethod) { return "the method" }
        if request.target.utf8.first != UInt8(ascii: "/") || !request.target.utf8.allSatisfy(FieldSyntax.isTarget) {
            return "the target"
        }
        if request.host == nil, !read.isOld { return "no host" }
        let values = [
            request.host, request.authorization, request.contentType, request.contentEncoding, request.origin,
            request.fetchSite,
        ]
        for value in values.compactMap(\.self) {
            if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) { return "a control character" }
            if let first = value.utf8.first, FieldSyntax.isBlank(first) { return "a blank" }
        }
        if read.isChunked, read.length != nil || read.isOld { return "two framings" }
        let most = GatewayRequest.maximumBodyLength + 1
        if request.body.count > most { return "the body is too long" }
        if let length = read.length, request.body.count != min(length, most) { return "the length of the body" }
        if read.length == nil, !read.isChunked, !request.body.isEmpty { return "a body out of nothing" }
        return nil
    }
}
