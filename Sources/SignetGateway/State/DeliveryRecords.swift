import SignetIdentity
import SignetJOSE

/// Tells metrics and the log how vendors answer.
struct DeliveryRecords: DeliveryObserving {
    let services: Gateway.Services

    func called(connection: String, outcome: DeliveryOutcome, nanoseconds: UInt64) {
        if outcome == .failed(.busy) { services.metrics.busy(connection: connection) }
        services.metrics.delivered(connection: connection, outcome: outcome.label, nanoseconds: nanoseconds)
    }

    func circuitChanged(connection: String, to state: CircuitState) {
        services.metrics.breaker(connection: connection, state: state.rawValue)
        let level: LogLine.Level = state == .open ? .warning : .info
        services.log?.log(
            LogLine(
                level, "circuit",
                [JSONMember("connection", .string(connection)), JSONMember("state", .string(state.rawValue))]))
    }
}
