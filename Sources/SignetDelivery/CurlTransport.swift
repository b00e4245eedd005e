import CCurl
import SignetGateway
import SignetIdentity
import SignetJOSE
import SignetSystem

/// Calls vendors with libcurl, all calls on one thread of its own. Connections are kept and used again.
///
/// HTTP/1.1 over TLS 1.2 or newer; plain http to this machine only. No redirect, proxy, cookie, `.netrc` or compression,
/// also if the environment names one. Nothing is ever sent twice: a kept connection that breaks under a request is a
/// ``TransportError/reset``, and the delivery client signs again.
public final class CurlTransport: VendorTransport {
    /// The longest header section of an answer, in bytes, interim answers and trailers included.
    public static let maximumHeaderLength = 32 * 1024

    private let loop: CurlLoop
    private let options: CurlTransfer.Options

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - authorities: A PEM file of the certificate authorities that are trusted; without it the system's are.
    ///   - userAgent: The `User-Agent`, such as `signet/1.0`.
    ///   - maximumTransfers: The most requests at once, each over a connection of its own; one over it is
    ///     ``TransportError/busy`` and is not sent. Without it, as many as the process's limit of open files allows.
    /// - Throws: ``SignetError`` where libcurl or the thread cannot be started.
    public init(authorities: String? = nil, userAgent: String = "signet", maximumTransfers: Int? = nil)
        throws(SignetError)
    {
        // A static is initialised once and by one thread, as older versions of libcurl require.
        guard Self.global == CURLE_OK else { throw SignetError(transport: "libcurl cannot be initialised") }
        options = CurlTransfer.Options(
            authorities: authorities ?? CurlTransfer.Options.systemAuthorities, userAgent: userAgent)
        loop = try CurlLoop(maximumTransfers: maximumTransfers ?? DescriptorLimit.vendorConnections)
    }

    private static let global = curl_global_init(Int(CURL_GLOBAL_SSL))

    deinit {
        loop.close()
    }

    /// Stops the thread. Requests under way and later ones end with ``TransportError/cancelled``.
    public func close() {
        loop.close()
    }

    /// Sends a request.
    public func send(
        _ request: VendorRequest, within limits: TransportLimits
    ) async throws(TransportError) -> VendorAnswer {
        let transfer = try CurlTransfer(request, within: limits, options: options)
        let loop = loop
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { loop.start(transfer, answering: $0) }
        } onCancel: {
            loop.cancel(transfer)
        }.get()
    }
}

extension SignetError {
    /// libcurl does not work: the code is `transport-failed`.
    init(transport reason: String) {
        self.init(code: "transport-failed", reason)
    }
}
