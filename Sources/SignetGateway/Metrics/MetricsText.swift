import SignetIdentity
import SignetRouting

/// The metrics in their order, each with what it means.
enum MetricsText {
    static let circuitStates = ["closed", "half-open", "open"]

    static func text(of sum: MetricsStripe, _ state: MetricsState, at now: NumericDate) -> String {
        var text = PrometheusText()
        text.family("signet_build_info", .gauge, "The release that runs; always 1.")
        text.sample("signet_build_info", [("version", state.version)], 1)
        text.family("process_start_time_seconds", .gauge, "When the process started, in Unix time.")
        text.sample("process_start_time_seconds", [], state.start.seconds)
        write(requestsOf: sum, to: &text)
        write(vendorsOf: sum, state, to: &text)
        write(keysOf: state, at: now, to: &text)
        write(configurationOf: state, at: now, to: &text)
        MigrationMetricsText.write(sum.migrations, state.migrations, to: &text)
        text.family(
            "signet_audit_failures_total", .counter,
            "Identities that were not handed out: no record of them could be kept.")
        text.sample("signet_audit_failures_total", [], state.auditFailures)
        for write in state.sources { write(&text) }
        return text.text
    }

    private static func write(requestsOf sum: MetricsStripe, to text: inout PrometheusText) {
        text.family(
            "signet_requests_total", .counter,
            "Requests answered. route is empty where it is none of the configuration.")
        let requests = sum.requests.sorted {
            ($0.key.route, $0.key.vendor, $0.key.status) < ($1.key.route, $1.key.vendor, $1.key.status)
        }
        for (key, count) in requests {
            text.sample(
                "signet_requests_total",
                [
                    ("route", key.route), ("vendor", key.vendor),
                    ("status", key.status == 0 ? "aborted" : String(key.status)),
                ], count)
        }
        text.family(
            "signet_request_duration_seconds", .histogram, "From the request to its answer, vendor calls included.")
        for (route, histogram) in sum.requestDurations.sorted(by: { $0.key < $1.key }) {
            text.samples("signet_request_duration_seconds", [("route", route)], histogram)
        }
        text.family("signet_rate_limited_total", .counter, "Requests refused because their caller was over its rate.")
        for (caller, count) in sum.limited.sorted(by: { $0.key < $1.key }) {
            text.sample("signet_rate_limited_total", [("caller", caller)], count)
        }
        text.family(
            "signet_unread_members_total", .counter,
            "Attributes and members of the context that a caller sent and nothing reads.")
        for (caller, count) in sum.unread.sorted(by: { $0.key < $1.key }) {
            text.sample("signet_unread_members_total", [("caller", caller)], count)
        }
    }

    private static func write(vendorsOf sum: MetricsStripe, _ state: MetricsState, to text: inout PrometheusText) {
        text.family("signet_signing_duration_seconds", .histogram, "Signing one identity.")
        let signings = sum.signings.sorted {
            ($0.key.vendor, $0.key.connection) < ($1.key.vendor, $1.key.connection)
        }
        for (key, histogram) in signings {
            text.samples(
                "signet_signing_duration_seconds",
                [("vendor", key.vendor), ("vendor_connection", key.connection)], histogram)
        }
        text.family(
            "signet_delivery_duration_seconds", .histogram, "Calling a vendor for one request, all tries together.")
        let deliveries = sum.deliveries.sorted {
            ($0.key.connection, $0.key.outcome) < ($1.key.connection, $1.key.outcome)
        }
        for (key, histogram) in deliveries {
            text.samples(
                "signet_delivery_duration_seconds",
                [("vendor_connection", key.connection), ("outcome", key.outcome)], histogram)
        }
        let called = state.breakers.keys.sorted()
        text.family(
            "signet_vendor_calls_in_use", .gauge,
            "Calls of a connection that are under way, of those it may have at once.")
        for connection in called {
            text.sample(
                "signet_vendor_calls_in_use", [("vendor_connection", connection)], state.callsInUse(connection))
        }
        text.family(
            "signet_vendor_busy_total", .counter,
            "Requests refused because as many calls of the connection were under way as it may have.")
        for connection in Set(called).union(sum.busy.keys).sorted() {
            text.sample(
                "signet_vendor_busy_total", [("vendor_connection", connection)], sum.busy[connection] ?? 0)
        }
        text.family("signet_vendor_circuit_state", .gauge, "1 for the state that a connection's circuit breaker is in.")
        for (connection, current) in state.breakers.sorted(by: { $0.key < $1.key }) {
            for name in circuitStates {
                text.sample(
                    "signet_vendor_circuit_state", [("vendor_connection", connection), ("state", name)],
                    name == current ? 1 : 0)
            }
        }
    }

    private static func write(keysOf state: MetricsState, at now: NumericDate, to text: inout PrometheusText) {
        let schedules = state.schedules.sorted { $0.key < $1.key }
        text.family("signet_signing_key_info", .gauge, "The key that signs for a connection now; always 1.")
        for (connection, schedule) in schedules {
            guard let key = schedule.key(at: now) else { continue }
            text.sample("signet_signing_key_info", [("vendor_connection", connection), ("key", key)], 1)
        }
        text.family(
            "signet_signing_ends_timestamp_seconds", .gauge,
            "From when on no key signs for a connection, in Unix time; absent where one always does.")
        for (connection, schedule) in schedules {
            guard let gap = schedule.gap(from: now) else { continue }
            text.sample(
                "signet_signing_ends_timestamp_seconds", [("vendor_connection", connection)], max(0, gap.start.seconds))
        }
    }

    private static func write(configurationOf state: MetricsState, at now: NumericDate, to text: inout PrometheusText) {
        text.family("signet_config_reloads_total", .counter, "Reloads tried, by their result.")
        text.sample("signet_config_reloads_total", [("result", "success")], state.reloads)
        text.sample("signet_config_reloads_total", [("result", "failure")], state.failedReloads)
        guard let configuration = state.configuration else { return }
        text.family("signet_config_info", .gauge, "The configuration in force; always 1.")
        text.sample("signet_config_info", [("digest", configuration.digest)], 1)
        text.family("signet_config_loaded_timestamp_seconds", .gauge, "Since when it is in force, in Unix time.")
        text.sample("signet_config_loaded_timestamp_seconds", [], configuration.time.seconds)
        text.family("signet_config_age_seconds", .gauge, "How long it has been in force.")
        text.sample("signet_config_age_seconds", [], max(0, now.seconds - configuration.time.seconds))
        for (name, count) in [
            ("keys", configuration.keys), ("connections", configuration.connections), ("routes", configuration.routes),
        ] {
            text.family("signet_config_\(name)", .gauge, "How many \(name) it has.")
            text.sample("signet_config_\(name)", [], count)
        }
    }
}
