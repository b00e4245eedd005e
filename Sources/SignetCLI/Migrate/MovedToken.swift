import SignetConfiguration
import SignetIdentity
import SignetRouting

/// `signet verify` on a route in the middle of a move: there are tokens of both sides about, so it is told of which one
/// this is.
struct MovedToken {
    private let purpose: SessionPurpose?
    /// The side that the stage prefers, then the other.
    private let sides: [(side: Migration.Side, connection: VendorConnection)]

    init(
        _ migration: Migration, _ configuration: Configuration, _ purpose: SessionPurpose?
    ) throws(CommandFailure) {
        self.purpose = purpose
        // Until the old side is left by everybody, most tokens are its.
        let preferred: Migration.Side = migration.stage < .rampdown ? .from : .to
        var sides: [(side: Migration.Side, connection: VendorConnection)] = []
        for side in [preferred, preferred == .from ? .to : .from] {
            let connection = try failing({ CommandFailure($0) }) { () throws(ConfigurationError) in
                try configuration.load(connection: migration.connection(of: side))
            }
            sides.append((side, connection))
        }
        self.sides = sides
        if purpose != nil && !sides.contains(where: \.connection.needsSession) { throw CommandFailure.needlessSession }
    }

    /// The report of the side that takes the token; of none, the one whose key signed it; of none, the preferred one.
    func report(on token: String, at time: NumericDate) throws(CommandFailure) -> VerificationReport {
        let context = VerificationContext(time: time, session: purpose)
        let reports = sides.map { side in (side, side.connection.signer.verify(token, in: context)) }
        let isSigned = { (report: VerificationReport) in
            report.checks.contains { $0.name == "signature" && $0.result == .ok }
        }
        let found = reports.first { $1.isValid } ?? reports.first { isSigned($1) }
        guard let (side, report) = found ?? reports.first else { return VerificationReport() }
        if !report.isValid && purpose == nil {
            // Without the session's id nothing can be said of a token that may be of the side with sessions.
            let isOfTheOther = found != nil && !side.connection.needsSession
            if !isOfTheOther && sides.contains(where: \.connection.needsSession) {
                throw CommandFailure.nothingSaidOfSession
            }
        }
        let (name, vendor) = (side.connection.name, side.connection.vendor)
        Output.note("signet: checked for \"\(name)\" (\(vendor)), the side \"\(side.side.rawValue)\" of the move")
        return report
    }
}
