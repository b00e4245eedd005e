import SignetIdentity
import SignetJOSE
import SignetRouting

/// Checks the gateway's settings against each other: addresses, callers, time limits.
struct GatewayCheck {
    let source: ConfigurationSource
    private let routeNames: [String]

    init(source: ConfigurationSource) {
        self.source = source
        routeNames = source.root.member("routes")?.value.members?.map(\.name) ?? []
    }

    var faults: [Diagnostic] {
        listenFaults + adminFaults + digestKeyFaults + callerFaults + deliveryFaults
    }

    private var digestKeyFaults: [Diagnostic] {
        guard source.root.member("callers") != nil, source.root.member("digestKey") == nil else { return [] }
        return [
            source.diagnostic(
                ["callers"], "there are callers but no \"digestKey\", which the gateway needs", severity: .warning,
                hint: "signet keys generate log-digest --algorithm hs256 makes one; use the same on every replica")
        ]
    }

    private var listenFaults: [Diagnostic] {
        let root = source.root
        guard let address = root.member("listen")?.value.string.flatMap(ListenAddress.init), !address.isLocal,
            root.member("tls") == nil, root.member("behindProxy")?.value.value != .boolean(true)
        else { return [] }
        return [
            source.diagnostic(
                ["listen"], "this address is not loopback, but there is neither \"tls\" nor \"behindProxy\": true",
                hint: ListenAddress.unencryptedHint)
        ]
    }

    private var adminFaults: [Diagnostic] {
        guard let admin = source.root.member("admin")?.value,
            let address = admin.member("listen")?.value.string.flatMap(ListenAddress.init), !address.isLocal,
            admin.member("exposed")?.value.value != .boolean(true)
        else { return [] }
        return [
            source.diagnostic(
                ["admin", "listen"], "this address is not loopback",
                hint: ListenAddress.exposedHint)
        ]
    }

    private var callerFaults: [Diagnostic] {
        var faults: [Diagnostic] = []
        var names = Set<String>()
        var digests = Set<String>()
        for (index, caller) in (source.root.member("callers")?.value.elements ?? []).enumerated() {
            let path = ["callers", "\(index)"]
            if let name = caller.member("name")?.value.string, !names.insert(name).inserted {
                faults.append(source.diagnostic(path + ["name"], "there is another caller \"\(name)\""))
            }
            for (number, digest) in (caller.member("tokenSha256")?.value.elements ?? []).enumerated() {
                guard let text = digest.string, !digests.insert(text).inserted else { continue }
                faults.append(
                    source.diagnostic(
                        path + ["tokenSha256", "\(number)"],
                        "this digest occurs twice: the caller would be ambiguous",
                        hint: "signet callers create NAME"))
            }
            for (number, pattern) in (caller.member("routes")?.value.elements ?? []).enumerated() {
                guard let text = pattern.string, !routeNames.contains(where: { Glob.matches($0, pattern: text) })
                else { continue }
                faults.append(
                    source.diagnostic(
                        path + ["routes", "\(number)"], "it matches no route", severity: .warning,
                        hint: NearestName.hint(for: text, among: routeNames)))
            }
        }
        return faults
    }

    private var deliveryFaults: [Diagnostic] {
        guard let delivery = source.root.member("delivery")?.value else { return [] }
        let values = OptionValues(delivery, declared: ConfigurationDeclaration.delivery)
        guard let connect = values.milliseconds("connect"), let call = values.milliseconds("call"),
            let total = values.milliseconds("total")
        else { return [] }
        guard connect <= call, call <= total else {
            return [
                source.diagnostic(
                    ["delivery"], "\"connect\" has to be at most \"call\", and \"call\" at most \"total\"",
                    hint: "they are \(connect) ms, \(call) ms, \(total) ms")
            ]
        }
        return []
    }
}
