import SignetGateway

@testable import SignetServer

/// The result of the parser and the body reader for the bytes of one client. ``ScriptedClient`` compares the client with it.
struct StreamReading: Equatable {
    struct Request: Equatable {
        /// The request for the handler.
        let request: GatewayRequest
        let length: Int?
        let isChunked: Bool
        let expectsContinue: Bool
        let isLast: Bool
        let isOld: Bool
        /// The offset of its end in the stream.
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
    /// Why the next request is refused.
    private(set) var fault: FramingFault?
    /// The method of the next request, if its request line is complete.
    private(set) var nextMethod = ""
    /// Whether the header of the next request is complete, and its body is not.
    private(set) var isInBody = false
    /// Whether the client waits for 100 before it sends the body of the next request.
    private(set) var expectsContinue = false
    /// The offset of its body, once its header is complete.
    private(set) var bodyStart = 0
    /// How many bytes were consumed. The rest is an incomplete line.
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

    /// Reads a stream in pieces of these lengths, which are used again and again.
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

    /// Nothing is parsed after a fault or after the last request.
    private var isOver: Bool { fault != nil || requests.last?.isLast == true }

    /// Reads the next piece.
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

/// Passes a copy in memory of its exact size to `body`, so that AddressSanitizer detects a read beyond its end.
func withExactCopy<Result, Failure>(
    of bytes: [UInt8], _ body: (Span<UInt8>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { memory.deallocate() }
    _ = memory.initialize(from: bytes)
    return try body(UnsafeBufferPointer(memory).span)
}
