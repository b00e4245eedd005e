import SignetGateway

@testable import SignetServer

/// What the parser and the body reader make of the bytes of one connection: the model that a connection is compared with.
struct StreamReading: Equatable {
    struct Request: Equatable {
        /// What the handler is asked.
        let request: GatewayRequest
        let length: Int?
        let isChunked: Bool
        let expectsContinue: Bool
        let isLast: Bool
        let isOld: Bool
        /// How many bytes of the stream there are up to its end.
        let end: Int

        static func == (left: Request, right: Request) -> Bool {
            left.equals(right.request) && left.length == right.length && left.isChunked == right.isChunked
                && left.expectsContinue == right.expectsContinue && left.isLast == right.isLast
                && left.isOld == right.isOld && left.end == right.end
        }

        func equals(_ other: GatewayRequest) -> Bool {
            request.method == other.method && request.target == other.target && request.host == other.host
                && request.authorization == other.authorization && request.contentType == other.contentType
                && request.contentEncoding == other.contentEncoding
                && request.origin == other.origin && request.fetchSite == other.fetchSite
                && request.body == other.body
        }
    }

    private(set) var requests: [Request] = []
    /// Why the request after them is refused.
    private(set) var fault: FramingFault?
    /// The method of the request after them, where its request line is there.
    private(set) var nextMethod = ""
    /// Whether the header of the request after them is there, but not the whole body.
    private(set) var isInBody = false
    /// Whether the client waits for 100 before it sends the body of the request after them.
    private(set) var expectsContinue = false
    /// Where its body begins, as soon as its header is there.
    private(set) var bodyStart = 0
    /// How many bytes were consumed; what is left is the beginning of a line.
    private(set) var consumed = 0
    private var parser = HeadParser()
    private var body: BodyReader?
    private var rest: [UInt8] = []

    static func == (left: StreamReading, right: StreamReading) -> Bool {
        left.requests == right.requests && left.fault == right.fault && left.nextMethod == right.nextMethod
            && left.isInBody == right.isInBody && left.expectsContinue == right.expectsContinue
            && (left.fault != nil || left.consumed == right.consumed)
    }

    /// Reads a stream in one piece.
    init(_ bytes: [UInt8]) {
        take(bytes[...])
    }

    /// Reads a stream in pieces of these lengths, which are repeated as often as needed.
    init(_ bytes: [UInt8], pieces: [Int]) {
        var start = 0
        var index = 0
        while start < bytes.count {
            let end = min(bytes.count, start + max(1, pieces[index % pieces.count]))
            take(bytes[start..<end])
            start = end
            index += 1
        }
    }

    /// Nothing is parsed after a fault or after the last request of a connection.
    private var isOver: Bool { fault != nil || requests.last?.isLast == true }

    /// Reads on.
    mutating func take(_ piece: ArraySlice<UInt8>) {
        guard !isOver else { return }
        rest += piece
        do throws(FramingFault) {
            while !isOver, try readRequest() {}
        } catch {
            fault = error
        }
        nextMethod = parser.head.request.method
        isInBody = body != nil
        expectsContinue = isInBody && parser.head.expectsContinue
    }

    private mutating func readRequest() throws(FramingFault) -> Bool {
        if body == nil {
            guard !rest.isEmpty else { return false }
            consume(try withExactCopy(of: rest) { bytes throws(FramingFault) in try parser.read(bytes) })
            guard parser.isComplete else { return false }
            body = BodyReader(parser.head)
            bodyStart = consumed
        }
        consume(try withExactCopy(of: rest) { bytes throws(FramingFault) in try body?.read(bytes) ?? 0 })
        guard let body, body.isComplete else { return false }
        let head = parser.head
        var request = head.request
        request.body = body.kept
        requests.append(
            Request(
                request: request, length: head.length, isChunked: head.isChunked, expectsContinue: head.expectsContinue,
                isLast: head.isLast, isOld: head.isOld, end: consumed))
        self.body = nil
        parser = HeadParser()
        return true
    }

    private mutating func consume(_ count: Int) {
        consumed += count
        rest.removeFirst(count)
    }
}

/// Lends a copy in memory of exactly its size, so that AddressSanitizer sees what is read beyond its end.
func withExactCopy<Result, Failure>(
    of bytes: [UInt8], _ body: (Span<UInt8>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { memory.deallocate() }
    _ = memory.initialize(from: bytes)
    return try body(UnsafeBufferPointer(memory).span)
}
