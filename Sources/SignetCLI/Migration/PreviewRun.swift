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
    private let target: VendorConnection
    /// The migration with the stage `live`.
    private let migration: Migration
    /// The context of all requests. The time and the request id in it do not matter.
    private let context: SigningContext

    init(
        _ route: MigratingRoute, _ configuration: Configuration, percent: Percentage?
    ) throws(CommandFailure) {
        self.route = route
        self.percent = percent ?? route.migration.percent
        let (from, to) = try reporting {
            (
                try configuration.load(connection: route.from.name), try configuration.load(connection: route.to.name)
            )
        }
        target = to
        comparison = FieldComparison(from: from, to: to)
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
        let refusal = refusal(of: request)
        if let refusal { tally.refusals.add(code: refusal.code, reason: refusal.reason, line: number) }
        let decision = migration.decide(RouteQuery(request))
        tally.add(
            PreviewTally.Place(side: decision.side, reason: decision.reason), isRefused: refusal != nil)
    }

    /// Why the new connection cannot serve a request; nil where it can.
    private func refusal(of request: SigningRequest) -> SignetError? {
        do {
            try target.dryRun(request, in: context, checksContent: false)
            return nil
        } catch {
            return error
        }
    }
}
