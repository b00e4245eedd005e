import Foundation
import SignetConfiguration
import SignetIdentity
import SignetRouting
import Testing

@testable import SignetGateway

@Suite struct GatewayMetricsTests {
    /// Everything counted once or more.
    private static func metrics() -> GatewayMetrics {
        let metrics = GatewayMetrics(version: "1.2.3")
        metrics.requestFinished(route: "uk-store", vendor: "talkative", status: 200, nanoseconds: 700_000)
        metrics.requestFinished(route: "uk-store", vendor: "talkative", status: 200, nanoseconds: 40_000_000_000)
        metrics.requestFinished(route: nil, vendor: nil, status: 404, nanoseconds: 1)
        metrics.signed(vendor: "talkative", connection: "talkative-uk", nanoseconds: 50_000)
        metrics.delivered(connection: "pega-us", outcome: "delivered", nanoseconds: 1_234_567_890)
        metrics.breaker(connection: "pega-us", state: "half-open")
        metrics.reloaded(succeeded: true)
        metrics.reloaded(succeeded: false)
        metrics.configurationLoaded(
            digest: "abc", at: NumericDate(seconds: 1000), keyCount: 3, connectionCount: 2, routeCount: 1)
        metrics.auditFailed()
        metrics.limited(caller: "storefront")
        metrics.addGauge("signet_connections_open", help: "Connections that are open.") { 17 }
        return metrics
    }

    @Test func everythingThatIsCountedIsThere() throws {
        let text = Self.metrics().text(at: NumericDate(seconds: 1060))
        let read = try StrictMetrics(text)
        let expected = [
            #"signet_build_info{version="1.2.3"}"#: "1",
            #"signet_requests_total{route="uk-store",vendor="talkative",status="200"}"#: "2",
            #"signet_requests_total{route="",vendor="",status="404"}"#: "1",
            #"signet_request_duration_seconds_bucket{route="uk-store",le="0.0005"}"#: "0",
            #"signet_request_duration_seconds_bucket{route="uk-store",le="0.001"}"#: "1",
            #"signet_request_duration_seconds_bucket{route="uk-store",le="30"}"#: "1",
            #"signet_request_duration_seconds_bucket{route="uk-store",le="+Inf"}"#: "2",
            #"signet_request_duration_seconds_sum{route="uk-store"}"#: "40.0007",
            #"signet_request_duration_seconds_count{route="uk-store"}"#: "2",
            #"signet_signing_duration_seconds_bucket{vendor="talkative",vendor_connection="talkative-uk",le="0.00005"}"#:
                "1",
            #"signet_signing_duration_seconds_bucket{vendor="talkative",vendor_connection="talkative-uk",le="0.1"}"#:
                "1",
            #"signet_delivery_duration_seconds_sum{vendor_connection="pega-us",outcome="delivered"}"#: "1.23456789",
            #"signet_delivery_duration_seconds_bucket{vendor_connection="pega-us",outcome="delivered",le="0.005"}"#:
                "0",
            #"signet_vendor_circuit_state{vendor_connection="pega-us",state="half-open"}"#: "1",
            #"signet_vendor_circuit_state{vendor_connection="pega-us",state="open"}"#: "0",
            #"signet_vendor_circuit_state{vendor_connection="pega-us",state="closed"}"#: "0",
            #"signet_config_reloads_total{result="success"}"#: "1",
            #"signet_config_reloads_total{result="failure"}"#: "1",
            #"signet_config_info{digest="abc"}"#: "1", "signet_config_age_seconds": "60",
            "signet_config_loaded_timestamp_seconds": "1000", "signet_config_keys": "3",
            "signet_config_connections": "2", "signet_config_routes": "1", "signet_audit_failures_total": "1",
            #"signet_rate_limited_total{caller="storefront"}"#: "1", "signet_connections_open": "17",
        ]
        for (series, value) in expected { #expect(read.series[series] == value, "\(series)") }
    }

    @Test func theKeyThatSignsNowAndTheMomentFromWhichNoneDoes() throws {
        func window(_ from: Int64?, _ until: Int64?) throws -> KeyWindow {
            try #require(
                KeyWindow(
                    notBefore: from.map(NumericDate.init(seconds:)), notAfter: until.map(NumericDate.init(seconds:))))
        }
        let metrics = GatewayMetrics(version: "1")
        metrics.schedules([("gone", SigningSchedule([(name: "gone", window: .always)]))])
        metrics.schedules([
            ("steady", SigningSchedule([(name: "s", window: .always)])),
            (
                "changing",
                SigningSchedule([
                    (name: "old", window: try window(nil, 10)), (name: "new", window: try window(nil, 20)),
                ])
            ),
            (
                "pausing",
                SigningSchedule([(name: "p", window: try window(nil, 5)), (name: "q", window: try window(15, nil))])
            ),
        ])
        for (second, keys, ends) in [
            (Int64(0), ["changing old", "pausing p", "steady s"], ["changing 20", "pausing 5"]),
            (10, ["changing new", "steady s"], ["changing 20", "pausing 5"]),
            (15, ["changing new", "pausing q", "steady s"], ["changing 20"]),
            (20, ["pausing q", "steady s"], ["changing 20"]),
        ] {
            let read = try StrictMetrics(metrics.text(at: NumericDate(seconds: second)))
            let wantedKeys = keys.map { $0.split(separator: " ") }.map {
                "signet_signing_key_info{vendor_connection=\"\($0[0])\",key=\"\($0[1])\"}"
            }
            let wantedEnds = ends.map { $0.split(separator: " ") }.map {
                ("signet_signing_ends_timestamp_seconds{vendor_connection=\"\($0[0])\"}", String($0[1]))
            }
            let found = read.series.filter {
                $0.key.hasPrefix("signet_signing_key") || $0.key.hasPrefix("signet_signing_ends")
            }
            let wanted = Dictionary(uniqueKeysWithValues: wantedKeys.map { ($0, "1") } + wantedEnds)
            #expect(found == wanted, "\(second)")
        }
    }

    @Test func beforeTheFirstRequestTheTextIsSoundToo() throws {
        let read = try StrictMetrics(GatewayMetrics(version: "1").text())
        #expect(read.types["signet_requests_total"] == "counter")
        #expect(read.series["signet_audit_failures_total"] == "0")
    }

    @Test func labelsAreEscaped() throws {
        let metrics = GatewayMetrics(version: "a\"b\\c\nd\u{200B}")
        #expect(try StrictMetrics(metrics.text()).series[#"signet_build_info{version="a\"b\\c\nd\\u200b"}"#] == "1")
    }

    @Test func threadsLoseNothing() throws {
        let metrics = GatewayMetrics(version: "1")
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for _ in 0..<1000 {
                metrics.requestFinished(route: "r\(thread % 2)", vendor: "dg", status: 200, nanoseconds: 1000)
            }
        }
        let read = try StrictMetrics(metrics.text())
        for route in ["r0", "r1"] {
            #expect(read.series["signet_requests_total{route=\"\(route)\",vendor=\"dg\",status=\"200\"}"] == "4000")
            #expect(read.series["signet_request_duration_seconds_sum{route=\"\(route)\"}"] == "0.004")
        }
    }

    @Test(arguments: [
        (UInt64(0), "0"), (1, "0.000000001"), (50_000, "0.00005"), (1_000_000_000, "1"), (1_500_000_000, "1.5"),
        (UInt64.max, "18446744073.709551615"),
    ])
    func secondsAreExact(nanoseconds: UInt64, text: String) {
        #expect(PrometheusText.seconds(nanoseconds) == text)
    }

    @Test(arguments: [
        ("a 1", "no line end at the end"), ("# TYPE a counter\na 1\n", "TYPE: # TYPE a counter"),
        ("# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n", "sample: a{b=\"c} 1"),
        ("# HELP a b\n# TYPE a gauge\na 1\na 1\n", "twice: a 1"),
    ])
    func theReaderOfTheseTestsIsStrict(text: String, fault: String) {
        let thrown = #expect(throws: StrictMetrics.Fault.self) { try StrictMetrics(text) }
        #expect(thrown?.description == fault)
    }
}
