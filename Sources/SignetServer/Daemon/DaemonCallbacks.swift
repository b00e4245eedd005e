import CMicroHTTPD
import SignetIdentity

// The library calls these on its threads. They are plain functions: a closure would inherit the isolation of where it stands.

/// A request line was read: the request begins. The target is kept as it stands, before the library takes it apart.
func requestLineRead(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let context, let target, let connection, let socket = socket(of: connection) else { return nil }
    let shared = Unmanaged<DaemonContext>.fromOpaque(context).takeUnretainedValue()
    let exchange = Exchange(target: String(cString: target), on: socket, in: shared)
    return Unmanaged.passRetained(exchange).toOpaque()
}

/// A header was read, a piece of the body, the end of the request; or a suspended request goes on.
func requestAdvanced(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
    _ size: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection, let url, let method, let version, let size, let pointer = state?.pointee else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    if exchange.isNew { return exchange.begin(RequestLine(method: method, url: url, version: version), on: connection) }
    guard size.pointee > 0, let data else { return exchange.finish(on: connection) }
    let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
    size.pointee = 0
    return exchange.take(piece, on: connection)
}

/// An answer went out, or the connection ended.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let state, let pointer = state.pointee else { return }
    state.pointee = nil
    Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().end()
}

/// A connection was accepted, or is about to be closed.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let context, let connection, let state else { return }
    let shared = Unmanaged<DaemonContext>.fromOpaque(context).takeUnretainedValue()
    if change == .CONNECTION_NOTIFY_STARTED {
        let accepted = Connection(
            descriptor: signet_mhd_descriptor(connection), accepted: .now, header: shared.limits.header)
        shared.welcome(accepted)
        state.pointee = Unmanaged.passRetained(accepted).toOpaque()
    } else if let pointer = state.pointee {
        state.pointee = nil
        shared.part(with: Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
    }
}

/// Decodes nothing: `%00` would cut the path, and routes are found by the target as it stands.
func targetLeftAlone(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int {
    guard var end = text else { return 0 }
    let start = end
    while end.pointee != 0 { end += 1 }
    return end - start
}

private func socket(of connection: OpaquePointer) -> Connection? {
    signet_mhd_socket_context(connection).map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}
