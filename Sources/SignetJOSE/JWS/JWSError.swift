import SignetSystem

/// Why a token was refused.
public enum JWSError: CodedError, Equatable {
    /// A part of the compact serialization.
    public enum Segment: String, Sendable {
        case header, payload, signature
    }

    case tooLarge
    case character
    case plainAlphabet
    case padding
    case segmentCount
    case spareBits(Segment)
    case segmentLength(Segment)
    case headerJSON(JSONError)
    case headerNotObject
    case payloadJSON(JSONError)
    case criticalExtension
    case unencodedPayload
    case embeddedKey(String)
    case algorithmMissing
    case algorithmNone
    case algorithmUnknown
    case algorithmMismatch(expected: JWSAlgorithm)
    case keyIDMismatch
    case keyIDNotString
    case signatureLength(JWSAlgorithm, found: Int)
    case signatureDER
    case signatureRange
    case signatureMismatch
    case signingFailed

    /// The largest token read or signed, in bytes.
    public static let maximumTokenLength = 16 * 1024

    /// A stable code.
    public var code: String {
        switch self {
        case .tooLarge: "token-too-large"
        case .character: "jws-character"
        case .plainAlphabet: "jws-plain-base64"
        case .padding: "jws-padding"
        case .segmentCount: "jws-segments"
        case .spareBits: "jws-spare-bits"
        case .segmentLength: "jws-segment-length"
        case .headerJSON(let error), .payloadJSON(let error): error.code
        case .headerNotObject: "jws-header"
        case .criticalExtension: "jws-crit"
        case .unencodedPayload: "jws-b64"
        case .embeddedKey: "jws-embedded-key"
        case .algorithmMissing: "jws-alg-missing"
        case .algorithmNone: "jws-alg-none"
        case .algorithmUnknown: "jws-alg-unknown"
        case .algorithmMismatch: "jws-alg-mismatch"
        case .keyIDMismatch: "jws-kid-mismatch"
        case .keyIDNotString: "jws-kid-type"
        case .signatureLength: "jws-signature-length"
        case .signatureDER: "jws-signature-der"
        case .signatureRange: "jws-signature-range"
        case .signatureMismatch: "jws-signature"
        case .signingFailed: "jws-signing-failed"
        }
    }

    /// What is wrong. It contains nothing of the token except the names of refused header members.
    public var reason: String {
        switch self {
        case .tooLarge: "the token is larger than \(Self.maximumTokenLength) bytes"
        case .character: "the token has a character outside A-Z a-z 0-9 . - _"
        case .plainAlphabet: "the token has + or /: it is plain base64, not base64url"
        case .padding: "the token has = padding, which base64url leaves out"
        case .segmentCount: "a compact JWS has exactly three segments, separated by two dots"
        case .spareBits(let segment): "the last character of the \(segment.rawValue) has spare bits set"
        case .segmentLength(let segment): "the length of the \(segment.rawValue) is not possible in base64url"
        case .headerJSON(let error): "the header is not strict JSON: \(error.reason)"
        case .headerNotObject: "the header is not a JSON object"
        case .payloadJSON(let error): "the payload is not strict JSON: \(error.reason)"
        case .criticalExtension: "the header has \"crit\", but no extension is supported"
        case .unencodedPayload: "the header has a \"b64\" that is not true: unencoded payloads are not accepted"
        case .embeddedKey(let name): "the header contains or names its own key (\"\(name)\"), which is not allowed"
        case .algorithmMissing: "the header has no \"alg\""
        case .algorithmNone: "the header's \"alg\" is none: the token is not signed"
        case .algorithmUnknown: "the header's \"alg\" is neither HS256 nor ES256"
        case .algorithmMismatch(let expected): "the header's \"alg\" is not the key's, \(expected.rawValue)"
        case .keyIDMismatch: "the header's \"kid\" is not the key's"
        case .keyIDNotString: "the header's \"kid\" is not a string"
        case .signatureLength(let algorithm, let found):
            "an \(algorithm.rawValue) signature has \(algorithm.signatureLength) bytes, this one \(found)"
        case .signatureDER: "the signature is in DER form; ES256 needs the 64 bytes r ‖ s"
        case .signatureRange: "the signature's r or s is zero or not below the order of P-256"
        case .signatureMismatch: "the signature does not match this token and this key"
        case .signingFailed: "OpenSSL could not sign"
        }
    }

    /// What to do about it.
    public var hint: String? {
        switch self {
        case .tooLarge: "send fewer or shorter values"
        case .signatureDER: "convert it: RFC 7518 §3.4 puts r and s side by side, 32 bytes each"
        default: nil
        }
    }
}
