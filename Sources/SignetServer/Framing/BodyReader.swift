import SignetGateway
import SignetJOSE

/// Reads a body by its length or in chunks (RFC 9112 §6 and §7.1), and keeps its first bytes.
///
/// The result does not depend on how the bytes are split.
struct BodyReader {
    private enum Step {
        case plain, size, extensions, sizeEnd, data, dataCR, dataLF, lastCR, lastLF, complete
    }

    /// The maximum length of a body in bytes. A longer one is refused with 413.
    static let maximumLength = GatewayRequest.maximumDroppedLength
    private static let maximumLines = 4_096
    private static let maximumExtension = 128
    private static let maximumExtensions = 4_096

    /// The first bytes: at most one more than the gateway accepts, so that it can refuse a longer body.
    private(set) var kept: [UInt8] = []
    private var step: Step
    /// How many bytes of the body or of the chunk are not read yet.
    private var left = 0
    private var total = 0
    private var digits = 0
    private var size: UInt64 = 0
    private var lines = 0
    private var lineExtension = 0
    private var extensions = 0

    /// Expects the body that a head announces.
    init(_ head: RequestHead) {
        if head.isChunked {
            step = .size
        } else {
            left = head.length ?? 0
            step = left == 0 ? .complete : .plain
            kept.reserveCapacity(min(left, GatewayRequest.maximumBodyLength + 1))
        }
    }

    var isComplete: Bool { step == .complete }

    /// Reads bytes of the body, and returns how many it consumed. The bytes after the body are not consumed.
    mutating func read(_ bytes: Span<UInt8>) throws(FramingFault) -> Int {
        var index = 0
        while step != .complete, index < bytes.count {
            if step == .plain || step == .data {
                let count = min(left, bytes.count - index)
                keep(bytes.extracting(index..<(index + count)))
                index += count
                left -= count
                if left == 0 { step = step == .plain ? .complete : .dataCR }
            } else {
                try takeFraming(bytes[index])
                index += 1
            }
        }
        return index
    }

    private mutating func keep(_ bytes: Span<UInt8>) {
        let room = GatewayRequest.maximumBodyLength + 1 - kept.count
        kept.append(copying: bytes.extracting(0..<min(room, bytes.count)))
    }

    /// Takes a byte that is not content.
    private mutating func takeFraming(_ byte: UInt8) throws(FramingFault) {
        let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        switch step {
        case .size:
            if let digit = Hexadecimal.digit(byte) {
                guard digits < 16 else { throw .chunkSize }
                digits += 1
                size = size << 4 | UInt64(digit)
            } else {
                guard digits > 0 else { throw .chunkSize }
                switch byte {
                case UInt8(ascii: ";"): try takeExtension()
                case cr: step = .sizeEnd
                case lf: throw .chunkEnd
                default: throw .chunkSize
                }
            }
        case .extensions:
            switch byte {
            case cr: step = .sizeEnd
            case lf: throw .chunkEnd
            default:
                guard FieldSyntax.isValue(byte) else { throw .chunkExtension }
                try takeExtension()
            }
        case .sizeEnd:
            guard byte == lf else { throw .chunkEnd }
            try beginChunk()
        case .dataCR:
            guard byte == cr else { throw .chunkEnd }
            step = .dataLF
        case .dataLF:
            guard byte == lf else { throw .chunkEnd }
            step = .size
        case .lastCR:
            guard byte == cr else { throw byte == lf ? .chunkEnd : .trailer }
            step = .lastLF
        case .lastLF:
            guard byte == lf else { throw .chunkEnd }
            step = .complete
        case .plain, .data, .complete: break
        }
    }

    private mutating func takeExtension() throws(FramingFault) {
        step = .extensions
        lineExtension += 1
        extensions += 1
        guard lineExtension <= Self.maximumExtension, extensions <= Self.maximumExtensions else {
            throw .chunkExtension
        }
    }

    private mutating func beginChunk() throws(FramingFault) {
        lines += 1
        guard lines <= Self.maximumLines else { throw .tooManyChunks }
        guard size <= UInt64(Self.maximumLength - total) else { throw .bodyTooLarge }
        left = Int(size)
        total += left
        step = left == 0 ? .lastCR : .data
        (digits, size, lineExtension) = (0, 0, 0)
    }
}
