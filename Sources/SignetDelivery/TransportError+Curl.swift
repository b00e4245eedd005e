import CCurl
import SignetGateway

extension TransportError {
    /// What libcurl's word for a failure means here.
    ///
    /// - Parameters:
    ///   - wasSent: Whether the connection was there and the request on its way.
    ///   - wasAnswered: Whether an answer had begun, with a whole status line.
    init(_ code: CURLcode, wasSent: Bool, wasAnswered: Bool) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            self = .timedOut
        case CURLE_COULDNT_RESOLVE_HOST:
            self = .notConnected("the host has no address")
        case CURLE_COULDNT_CONNECT:
            self = .notConnected("nobody takes the connection")
        case CURLE_PEER_FAILED_VERIFICATION:
            self = .notConnected("the certificate is not trusted, or not the host's")
        case CURLE_SSL_CACERT_BADFILE:
            self = .notConnected("the file of trusted authorities cannot be read")
        case _ where !wasSent:
            self = .notConnected("no connection comes about")
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_ABORTED_BY_CALLBACK:
            self = wasAnswered ? .senseless : .reset
        case CURLE_OUT_OF_MEMORY where wasAnswered:
            // A single header field is longer than libcurl's own limit.
            self = .tooLong
        default:
            self = .senseless
        }
    }
}
