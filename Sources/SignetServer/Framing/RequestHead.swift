import CMicroHTTPD
import SignetGateway

/// The header of a request: what the gateway wants of it, and whether two readers could take it for different requests.
struct RequestHead {
    /// The first thing that is wrong.
    private(set) var fault: FramingFault?
    /// What Content-Length says; the largest number when it is too large to tell.
    private(set) var declaredLength = 0
    /// The fields that the gateway looks at.
    private(set) var fields: [(name: String, value: String)] = []

    private var hosts = 0
    private var lengths = 0
    private var codings = 0
    private var geometry: HeadGeometry?

    private static let interesting = GatewayRequest.fieldsOfInterest.map { Array($0.utf8) }
    private static let host = Array("host".utf8)
    private static let contentLength = Array("content-length".utf8)
    private static let transferEncoding = Array("transfer-encoding".utf8)
    private static let chunked = Array("chunked".utf8)

    init(_ line: RequestLine, target: String, on connection: OpaquePointer) {
        fault = line.fault(target: target)
        guard fault == nil else { return }
        if HeadGeometry.isNeeded { geometry = HeadGeometry(line, targetLength: target.utf8.count) }
        withUnsafeMutablePointer(to: &self) { head in
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, fieldRead, head)
        }
        if let geometry, !geometry.isProper(wholeSize: signet_mhd_head_size(connection)) { find(.shape) }
        if hosts == 0 { find(.noHost) }
        if codings > 0 {
            if lengths > 0 { find(.lengthAndCoding) }
            if line.isOld { find(.oldCoding) }
        }
    }

    /// What is wrong with the fields after a chunked body.
    static func trailerFault(on connection: OpaquePointer) -> FramingFault? {
        var fault: FramingFault?
        withUnsafeMutablePointer(to: &fault) { fault in
            _ = MHD_get_connection_values_n(connection, .FOOTER_KIND, trailerRead, fault)
        }
        return fault
    }

    fileprivate mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        geometry?.add(name: name, value: value)
        if name.isEmpty || !name.allSatisfy(FieldSyntax.isToken) { find(.fieldName) }
        if !value.allSatisfy(FieldSyntax.isValue) { find(.fieldValue) }
        let text = FieldSyntax.trimmed(value)
        if FieldSyntax.isName(name, Self.host) {
            hosts += 1
            if hosts > 1 { find(.severalHosts) } else if !HostSyntax.accepts(text) { find(.host) }
        } else if FieldSyntax.isName(name, Self.contentLength) {
            lengths += 1
            if lengths > 1 { find(.severalLengths) }
            if text.isEmpty || !text.allSatisfy(FieldSyntax.isDigit) { find(.length) }
            declaredLength = Int(String(decoding: text, as: UTF8.self)) ?? .max
        } else if FieldSyntax.isName(name, Self.transferEncoding) {
            codings += 1
            if codings > 1 { find(.severalCodings) } else if !FieldSyntax.isName(text, Self.chunked) { find(.coding) }
        } else if let known = Self.interesting.first(where: { FieldSyntax.isName(name, $0) }) {
            fields.append((String(decoding: known, as: UTF8.self), String(decoding: text, as: UTF8.self)))
        }
    }

    private mutating func find(_ found: FramingFault) {
        if fault == nil { fault = found }
    }
}

private func fieldRead(
    _ head: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameSize: Int,
    _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
    head?.assumingMemoryBound(to: RequestHead.self).pointee.add(
        name: UnsafeRawBufferPointer(start: name, count: nameSize),
        value: UnsafeRawBufferPointer(start: value, count: valueSize))
    return .YES
}

private func trailerRead(
    _ fault: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameSize: Int,
    _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
    let name = UnsafeRawBufferPointer(start: name, count: nameSize)
    let value = UnsafeRawBufferPointer(start: value, count: valueSize)
    if name.isEmpty || !name.allSatisfy(FieldSyntax.isToken) || !value.allSatisfy(FieldSyntax.isValue) {
        fault?.assumingMemoryBound(to: FramingFault?.self).pointee = .trailer
    }
    return .YES
}
