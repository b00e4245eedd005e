import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// `signet migrate preview`: identities in, figures out; nobody is called, and nothing of a customer is kept.
struct PreviewRun: Sendable {
    let route: MovingRoute
    let percent: Percentage
    let comparison: FieldComparison
    private let target: RehearsedConnection
    /// The move as it would be in `live`.
    private let migration: Migration
    /// What all requests have in common; a mapping wants a moment and an id, and does not care which.
    private let context: SigningContext

    init(
        _ route: MovingRoute, _ configuration: Configuration, percent: Percentage?
    ) throws(CommandFailure) {
        self.route = route
        self.percent = percent ?? route.migration.percent
        target = try RehearsedConnection(route.to, in: configuration)
        let from = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
            try configuration.load(connection: route.from.name)
        }
        comparison = FieldComparison(from: from, to: target.connection)
        var migration = route.migration
        migration.stage = .live
        migration.percent = self.percent
        self.migration = migration
        context = SigningContext(route: route.name)
    }

    /// Counts what stands in a file; `-` is standard input.
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
                // The place is left out: it may name a member that nobody here has named.
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
            tally.strangers += 1
        }
        let refusal = target.refusal(of: request, in: context)
        if let refusal { tally.refusals.add(code: refusal.code, reason: refusal.reason, line: number) }
        let decision = migration.decide(RouteQuery(request))
        tally.add(
            PreviewTally.Place(side: decision.side, reason: decision.reason), isRefused: refusal != nil)
    }
}
