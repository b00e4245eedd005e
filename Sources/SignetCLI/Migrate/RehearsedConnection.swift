import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Tells whether a connection can serve a request, and why not, as the gateway would find it: what its vendor's form lacks, what
/// does not fit, what a delivery would stop at before its first call.
///
/// Nothing about an identity can make an ES256 signature fail, and a million of them take half a minute. So requests are
/// signed with everything but that signature; what is refused then is put before the connection itself, whose word counts.
struct RehearsedConnection: Sendable {
    let connection: VendorConnection
    private let rehearsal: VendorConnection
    private let needsSession: Bool

    init(_ entry: Configuration.ConnectionEntry, in configuration: Configuration) throws(CommandFailure) {
        (connection, rehearsal) = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            let connection = try configuration.load(connection: entry.name)
            return (connection, try Self.rehearsal(of: entry, in: configuration) ?? connection)
        }
        needsSession = connection.needsSession
    }

    /// The connection with a key that leaves out the signature; nil where that saves nothing.
    private static func rehearsal(
        of entry: Configuration.ConnectionEntry, in configuration: Configuration
    ) throws(ConfigurationError) -> VendorConnection? {
        guard let name = entry.keys.first, let key = configuration.keys.first(where: { $0.name == name }),
            key.algorithm == .es256
        else { return nil }
        var loader = KeyLoader(configuration.source)
        guard case .es256(let loaded) = try loader.load(key).key, let rehearsing = try? loaded.rehearsing() else {
            return nil
        }
        return try? entry.connect(ConnectionKeys(NamedKey(name: name, key: .es256(rehearsing))))
    }

    /// Why it cannot serve a request; nil where it can.
    func refusal(of request: SigningRequest, in context: SigningContext) -> SignetError? {
        guard refusal(by: rehearsal, of: request, in: context) != nil else { return nil }
        return refusal(by: connection, of: request, in: context)
    }

    private func refusal(
        by connection: VendorConnection, of request: SigningRequest, in context: SigningContext
    ) -> SignetError? {
        var context = context
        do throws(SignetError) {
            if let signer = connection.signer as? any BackendDelivering {
                // Nobody is called: what both calls would say is put together, and that is all that can be lacking.
                _ = try signer.delivery(
                    of: DeliveryOrder(
                        request.identity, context: context, sessionID: request.sessionID, page: request.page))
                return nil
            }
            // A stranger is served without a signature, whatever the vendor has for one.
            guard request.identity != .anonymous else { return nil }
            if needsSession { context.session = request.sessionID.map(SessionPurpose.existing) ?? .create }
            _ = try connection.signer.sign(request.identity, in: context)
            return nil
        } catch {
            return error
        }
    }
}
