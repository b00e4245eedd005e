/// The three segments of a compact serialization, found without splitting whatever was sent.
struct CompactSegments {
    let header: ArraySlice<UInt8>
    let payload: ArraySlice<UInt8>
    let signature: ArraySlice<UInt8>
    /// Header, dot and payload: what is signed.
    let signingInput: ArraySlice<UInt8>

    init(_ token: [UInt8]) throws(JWSError) {
        guard token.count <= JWSError.maximumTokenLength else { throw .tooLarge }
        let dot = UInt8(ascii: ".")
        guard let first = token.firstIndex(of: dot),
            let second = token[(first + 1)...].firstIndex(of: dot),
            token[(second + 1)...].firstIndex(of: dot) == nil
        else {
            throw .segmentCount
        }
        header = token[..<first]
        payload = token[(first + 1)..<second]
        signature = token[(second + 1)...]
        signingInput = token[..<second]
    }
}
