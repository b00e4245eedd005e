import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Makes a ``Migration`` from a route's `migrate`, after the types of its members were checked.
struct MigrationReader {
    let source: ConfigurationSource
    let route: String
    let node: JSONNode
    let pinScope: PinScope
    private(set) var faults: [Diagnostic] = []
    /// The pin files in force, with resolved paths, whether they were read or not.
    private(set) var files: [String] = []

    init(source: ConfigurationSource, route: String, node: JSONNode, pinScope: PinScope) {
        self.source = source
        self.route = route
        self.node = node
        self.pinScope = pinScope
    }

    mutating func read() -> Migration {
        let values = OptionValues(node, declared: ConfigurationDeclaration.migration)
        let stage = Migration.Stage(rawValue: values.text("stage")) ?? .off
        return Migration(
            from: values.text("from"), to: values.text("to"), stage: stage,
            percent: values.percentage("percent") ?? .none, salt: values.string("salt") ?? route,
            stickiness: Migration.Stickiness(values.text("stickiness")) ?? .subject, cohorts: cohorts(),
            anonymous: Migration.Side(rawValue: values.text("anonymous")) ?? .from, pins: pins(at: stage),
            fallbackAfter: values.milliseconds("fallbackAfter") ?? Migration.defaultFallback)
    }

    private mutating func cohorts() -> [Migration.Cohort] {
        var cohorts: [Migration.Cohort] = []
        for (index, node) in (node.member("cohorts")?.value.elements ?? []).enumerated() {
            let values = OptionValues(node, declared: [])
            let cohort = Migration.Cohort(
                name: values.text("name"), when: Condition(node.member("when")?.value.value ?? [:]),
                percent: values.percentage("percent") ?? .none)
            if let name = values.string("name"), cohorts.contains(where: { $0.name.hasSameBytes(as: name) }) {
                fault(["cohorts", "\(index)", "name"], "there is another cohort \"\(name)\"")
            }
            if node.member("when")?.value.members?.isEmpty == true {
                fault(
                    ["cohorts", "\(index)", "when"], "it is empty and would match every request",
                    hint: "the route's own \"percent\" is for all other requests")
            }
            cohorts.append(cohort)
        }
        return cohorts
    }

    // MARK: Pins

    private mutating func pins(at stage: Migration.Stage) -> PinnedSubjects {
        let pins = PinnedSubjects(from: members("from", stage), to: members("to", stage))
        if let contradiction = pins.contradiction {
            let isOne = contradiction.count == 1
            let customers = isOne ? "a customer is" : "\(contradiction.count) customers are"
            let place = contradiction.places.joined(separator: " and ")
            fault(
                ["pin"],
                "\(customers) pinned to both sides" + (place.isEmpty ? "" : isOne ? ": \(place)" : ": first \(place)"),
                hint: "remove them from \"to\" or from \"from\"",
                severity: contradiction.places.isEmpty ? .error : severity(at: stage))
        }
        return pins
    }

    private mutating func members(_ side: String, _ stage: Migration.Stage) -> PinnedSubjects.Members {
        guard let pins = node.member("pin")?.value.member(side)?.value else { return .none }
        if let elements = pins.elements { return PinnedSubjects.Members(elements.compactMap(\.string)) }
        guard let name = pins.member("file")?.value.string else { return .none }
        if stage == .live { files.append(source.resolve(name)) }
        guard pinScope.includes(route, at: stage) else { return .none }
        let (path, severity) = (["pin", side, "file"], severity(at: stage))
        do {
            return .file(name, try PinFiles.list(source.resolve(name)))
        } catch let error as PinList.Fault {
            fault(path, "\(name), line \(error.line): \(error.message)", hint: error.hint, severity: severity)
        } catch let error as SignetError {
            fault(path, error.reason, hint: error.hint, isExternal: true, severity: severity)
        } catch {
            fault(path, "\(error)", severity: severity)
        }
        return .none
    }

    /// `check` reads all files. There, a fault in a file that is not in force is a warning.
    private func severity(at stage: Migration.Stage) -> Diagnostic.Severity {
        pinScope == .all && stage != .live ? .warning : .error
    }

    private mutating func fault(
        _ path: [String], _ message: String, hint: String? = nil, isExternal: Bool = false,
        severity: Diagnostic.Severity = .error
    ) {
        faults.append(
            source.diagnostic(
                ["routes", route, "migrate"] + path, message, severity: severity, hint: hint, isExternal: isExternal))
    }
}
