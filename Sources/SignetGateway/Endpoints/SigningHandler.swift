import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Signs one request's identity for a connection: signature, record, reply. Knows nothing of migrations.
struct SigningHandler: Sendable {
    let services: Gateway.Services
    let deliveries: DeliveryClient?
    let settings: DeliverySettings
    let context: RequestContext
    let caller: String
    let right: CallerRight
    let route: String
    let request: SigningRequest
    let circumstances: SigningContext
    let subjectTag: String?

    /// How far the answer is.
    enum Step: Sendable {
        /// It is there.
        case answered(GatewayResponse)
        /// It may go out once the audit has the entry, which takes waiting.
        case recording(AuditEntry, GatewayResponse)
        /// The vendor has to be called; its badge may go out when the calls are made.
        case delivering(DeliveryRun, @Sendable (any VendorCalling) async throws(DeliveryError) -> Badge)
    }

    /// How long vendors may be called for one request, in milliseconds. A server gives the request more time, so that
    /// the caller gets this answer.
    private static let timeLimit: Int64 = 28_000

    /// Goes as far as it can without waiting.
    func begin(on connection: VendorConnection, _ decision: Migration.Decision?) throws(Problem) -> Step {
        context.note(connection, decision)
        // For a right to sign no vendor is called. What a delivery would refuse is refused here too.
        let delivery = try delivery(on: connection)
        switch (right, delivery) {
        case (.badge, let delivery?): return try deliver(delivery, on: connection, decision)
        case (.badge, nil): return try badge(on: connection, decision)
        case (.sign, _):
            let signed = try signed(on: connection, session: delivery == nil ? nil : .create)
            return try record(signed, decision, .json(signed.json(route: route)))
        }
    }

    /// Waits for the audit or the vendor.
    func finish(
        _ step: Step, on connection: VendorConnection, _ decision: Migration.Decision?
    ) async throws(Problem) -> GatewayResponse {
        switch step {
        case .answered(let response): return response
        case .recording(let entry, let response):
            do {
                try await record(entry)
            } catch {
                throw Problem(error)
            }
            return response
        case .delivering(let run, let deliver):
            defer { run.end() }
            do {
                return reply(try await deliver(run), on: connection, decision)
            } catch {
                throw run.auditError.map(Problem.init) ?? Problem(error)
            }
        }
    }

    // MARK: Signing

    /// - Parameter session: The session if the request names none.
    private func signed(on connection: VendorConnection, session: SessionPurpose?) throws(Problem) -> SignedIdentity {
        let start = MonotonicTime.now
        var circumstances = circumstances
        circumstances.session =
            (request.sessionID ?? request.page?.sessionID).map(SessionPurpose.existing) ?? session
        do {
            let signed = try connection.sign(request.identity, in: circumstances)
            services.metrics.signed(
                vendor: signed.vendor, connection: signed.connection,
                nanoseconds: MonotonicTime.now.nanoseconds(since: start))
            context.note(signed)
            return signed
        } catch {
            throw Problem(error)
        }
    }

    // MARK: Badges

    private func badge(on connection: VendorConnection, _ decision: Migration.Decision?) throws(Problem) -> Step {
        guard request.identity != .anonymous else {
            // An anonymous visitor always gets an answer. There is nothing to sign, so it has the widget's members alone.
            return .answered(reply(.none(on: connection.widget), on: connection, decision))
        }
        let signed = try signed(on: connection, session: nil)
        guard let badge = connection.badge(for: signed) else { throw .noBadge(connection) }
        return try record(signed, decision, reply(badge, on: connection, decision, signed))
    }

    private func deliver(
        _ delivery: Delivery, on connection: VendorConnection, _ decision: Migration.Decision?
    ) throws(Problem) -> Step {
        switch delivery {
        case .badge(let badge): return .answered(reply(badge, on: connection, decision))
        case .calls(let deliver):
            guard let deliveries else { throw .noBadge(connection) }
            let run = deliveries.run(
                request.identity, in: circumstances, on: connection, settings: settings,
                deadline: context.start.advanced(byMilliseconds: Self.timeLimit)
            ) { signed async throws(SignetError) in
                try await record(entry(for: signed, decision))
                context.note(signed)
            }
            return .delivering(run, deliver)
        }
    }

    private func delivery(on connection: VendorConnection) throws(Problem) -> Delivery? {
        do {
            return try connection.delivery(of: request, in: circumstances)
        } catch {
            throw Problem(error)
        }
    }

    /// The reply with a badge; without a signed identity it is issued now and does not expire.
    private func reply(
        _ badge: Badge, on connection: VendorConnection, _ decision: Migration.Decision?,
        _ signed: SignedIdentity? = nil
    ) -> GatewayResponse {
        var members = [
            JSONMember("route", .string(route)), JSONMember("vendor", .string(connection.vendor)),
            JSONMember("connection", .string(connection.name)),
            JSONMember("issuedAt", .string((signed?.issuedAt ?? circumstances.time).rfc3339)),
            JSONMember("expiresAt", signed?.expiresAt.map { .string($0.rfc3339) } ?? .null),
            JSONMember("subjectTag", subjectTag.map(JSONValue.string) ?? .null),
        ]
        if let decision {
            members.append(
                JSONMember(
                    "decision",
                    ["side": .string(decision.side.rawValue), "reason": .string(decision.reason.rawValue)]))
        }
        members.append(JSONMember("badge", badge.json))
        return .json(.object(members))
    }

    // MARK: The audit

    /// The response, which may go out once the audit has what it holds.
    private func record(
        _ signed: SignedIdentity, _ decision: Migration.Decision?, _ response: GatewayResponse
    ) throws(Problem) -> Step {
        let entry = entry(for: signed, decision)
        do {
            let isRecorded = try services.audit?.recordAtOnce(entry) ?? true
            return isRecorded ? .answered(response) : .recording(entry, response)
        } catch {
            noteFailure(of: entry, error)
            throw Problem(error)
        }
    }

    /// Records, however long the disk takes.
    private func record(_ entry: AuditEntry) async throws(SignetError) {
        guard let audit = services.audit else { return }
        do {
            if try audit.recordAtOnce(entry) { return }
            try await audit.record(entry)
        } catch {
            noteFailure(of: entry, error)
            throw error
        }
    }

    private func entry(for signed: SignedIdentity, _ decision: Migration.Decision?) -> AuditEntry {
        AuditEntry(
            time: signed.issuedAt, requestID: context.requestID, caller: caller, right: right, route: route,
            vendor: signed.vendor, connection: signed.connection, key: signed.key, subjectTag: subjectTag,
            expiresAt: signed.expiresAt,
            decision: decision.map { .init(side: $0.side.rawValue, reason: $0.reason.rawValue) })
    }

    /// An identity that cannot be recorded is not handed out.
    private func noteFailure(of entry: AuditEntry, _ error: SignetError) {
        services.metrics.auditFailed()
        var members = [
            JSONMember("requestId", .string(entry.requestID)), JSONMember("message", .string(error.reason)),
        ]
        if let hint = error.hint { members.append(JSONMember("hint", .string(hint))) }
        services.log?.log(LogLine(.error, "audit-failed", members))
    }
}
