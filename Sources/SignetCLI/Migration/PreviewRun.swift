import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Counts a preview. No vendor is called, and no value of a customer is kept.
struct PreviewRun: Sendable {
    let route: MigratingRoute
    let percent: Percentage
    let comparison: FieldComparison
    private let target: DryRunConnection
    /// The migration with the stage `live`.
    private let migration: Migration
    /// The context of all requests. The time and the request id in it do not matter.
    private let context: SigningContext

    init(
        _ route: MigratingRoute, _ configuration: Configuration, percent: Percentage?
    ) throws(CommandFailure) {
        self.route = route
        self.percent = percent ?? route.migration.percent
        target = try DryRunConnection(route.to, in: configuration)
        let from = try reporting {
            try configuration.load(connection: route.from.name)
        }
        comparison = FieldComparison(from: from, to: target.connection)
        var migration = route.migration
        migration.stage = .live
        migration.percent = self.percent
        self.migration = migration
        context = SigningContext(route: route.name)
    }

    /// Counts the identities in a file; `-` is standard input.
    func tally(of path: String) throws(CommandFailure) -> PreviewTally {
        var tally = PreviewTally(comparing: comparison, faultLimit: 100)
        var progress = BatchProgress()
        try ParallelLines(path: path, refusing: IdentityLine.refuseOtherForms).run(count) {
            part, share throws(CommandFailure) in
            tally.add(part)
            progress.add(part.lines, failed: part.refusals.count + part.malformed.count, share: share)
        }
        progress.finishOnTerminal()
        return tally
    }

    private func count(_ slice: ParallelLines.Slice) -> PreviewTally {
        var tally = PreviewTally(comparing: comparison)
        for (number, line) in slice.numbered {
            tally.lines += 1
            guard case .text(let bytes) = line else {
                tally.malformed.add(
                    code: LineReader.tooLongCode, reason: LineReader.tooLongReason, line: number)
                continue
            }
            do throws(SignetError) {
                count(try IdentityLine(bytes, showingColumn: false).request.get(), number, in: &tally)
            } catch {
                // The pointer is left out, because it may contain a name from the input.
                tally.malformed.add(code: error.code, reason: error.reason, line: number)
            }
        }
        return tally
    }

    private func count(_ request: SigningRequest, _ number: Int, in tally: inout PreviewTally) {
        if case .customer(let customer) = request.identity {
            tally.customers += 1
            tally.fields.add(customer, comparison)
        } else {
            tally.anonymous += 1
        }
        let refusal = target.refusal(of: request, in: context)
        if let refusal { tally.refusals.add(code: refusal.code, reason: refusal.reason, line: number) }
        let decision = migration.decide(RouteQuery(request))
        tally.add(
            PreviewTally.Place(side: decision.side, reason: decision.reason), isRefused: refusal != nil)
    }
}

/// Checks whether a connection can serve a request as the gateway would, up to the first call of the vendor.
///
/// No identity can make an ES256 signature fail, and a million signatures take half a minute. So requests are prepared without
/// that signature. A request that is refused is tried again with the connection itself, whose refusal counts.
struct DryRunConnection: Sendable {
    let connection: VendorConnection
    private let unsigned: VendorConnection
    private let needsSession: Bool

    init(_ entry: Configuration.ConnectionEntry, in configuration: Configuration) throws(CommandFailure) {
        (connection, unsigned) = try reporting {
            let connection = try configuration.load(connection: entry.name)
            return (connection, try Self.unsigned(entry, in: configuration) ?? connection)
        }
        needsSession = connection.needsSession
    }

    /// The connection with a key that leaves out the signature; nil for keys other than ES256.
    private static func unsigned(
        _ entry: Configuration.ConnectionEntry, in configuration: Configuration
    ) throws(ConfigurationError) -> VendorConnection? {
        guard let name = entry.keys.first, let key = configuration.keys.first(where: { $0.name == name }),
            key.algorithm == .es256
        else { return nil }
        var loader = KeyLoader(configuration.source)
        guard case .es256(let loaded) = try loader.load(key).key, let unsigned = try? loaded.forDryRun() else {
            return nil
        }
        return try? entry.connect(ConnectionKeys(NamedKey(name: name, key: .es256(unsigned))))
    }

    /// Why it cannot serve a request; nil where it can.
    func refusal(of request: SigningRequest, in context: SigningContext) -> SignetError? {
        guard refusal(by: unsigned, of: request, in: context) != nil else { return nil }
        return refusal(by: connection, of: request, in: context)
    }

    private func refusal(
        by connection: VendorConnection, of request: SigningRequest, in context: SigningContext
    ) -> SignetError? {
        var context = context
        do throws(SignetError) {
            if let signer = connection.signer as? any BackendDelivering {
                // Puts the contents of both calls together and calls nobody.
                _ = try signer.delivery(
                    of: DeliveryOrder(
                        request.identity, context: context, sessionID: request.sessionID, page: request.page))
                return nil
            }
            // An anonymous visitor is served without a signature.
            guard request.identity != .anonymous else { return nil }
            if needsSession { context.session = request.sessionID.map(SessionPurpose.existing) ?? .create }
            _ = try connection.signer.sign(request.identity, in: context)
            return nil
        } catch {
            return error
        }
    }
}
