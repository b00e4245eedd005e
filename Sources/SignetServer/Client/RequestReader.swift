import SignetGateway

/// Reads a client's requests from its block, one after the other. It reserves memory for a request that is not complete.
struct RequestReader {
    private var parser = HeadParser()
    private var body: BodyReader?
    /// How many blocks of memory are reserved beside the client's own block.
    private var reserved = 0

    /// Whether no line of the next request was read.
    var isFresh: Bool { parser.isFresh }
    /// Whether the request has a body that is not complete.
    var isInBody: Bool { body?.isComplete == false }
    /// Whether the socket is closed after the answer to this request.
    var isLast: Bool { parser.head.isLast }
    /// Whether the answer has no body because the method is HEAD.
    var isHeadRequest: Bool { parser.head.request.method == "HEAD" }
    /// Whether the client waits for 100 before it sends the body.
    var expectsContinue: Bool { parser.head.expectsContinue }

    /// Reads lines of the head, and says whether it is complete. The body begins then.
    mutating func readHead(from block: Block) throws(FramingFault) -> Bool {
        try block.consume { bytes throws(FramingFault) in try parser.read(bytes) }
        guard parser.isComplete else { return false }
        body = BodyReader(parser.head)
        return true
    }

    /// Reads bytes of the body, and says whether it is complete.
    mutating func readBody(from block: Block) throws(FramingFault) -> Bool {
        guard body != nil else { return false }
        try block.consume { bytes throws(FramingFault) in try body?.read(bytes) ?? 0 }
        return body?.isComplete == true
    }

    /// Asks the handler to answer the complete request.
    mutating func reply(by handler: any RequestHandling, releasingTo pool: BlockPool) -> GatewayReply {
        parser.head.request.body = body?.kept ?? []
        release(to: pool)
        let reply = handler.reply(to: parser.head.request)
        parser.head.request.body = []
        return reply
    }

    /// Begins the next request.
    mutating func startOver() {
        parser = HeadParser()
    }

    /// Reserves memory for the part of a request that was read; false where the pool has none.
    mutating func reserve(from pool: BlockPool) -> Bool {
        let wanted = (parser.isFresh ? 0 : 1 + parser.size / Block.size) + (body == nil ? 0 : 1)
        while reserved < wanted {
            guard pool.reserve() else { return false }
            reserved += 1
        }
        return true
    }

    /// Drops the body and its memory.
    mutating func release(to pool: BlockPool) {
        body = nil
        while reserved > 0 {
            reserved -= 1
            pool.release()
        }
    }
}
