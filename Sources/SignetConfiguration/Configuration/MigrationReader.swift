import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// Makes a ``Migration`` of a route's `migrate`, whose members have been found to have their types.
struct MigrationReader {
    let source: ConfigurationSource
    let route: String
    let node: JSONNode
    let pinScope: PinScope
    private(set) var faults: [Diagnostic] = []
    /// The files with subjects that are in force, resolved, whether they were read or not.
    private(set) var files: [String] = []

    init(source: ConfigurationSource, route: String, node: JSONNode, pinScope: PinScope) {
        self.source = source
        self.route = route
        self.node = node
        self.pinScope = pinScope
    }

    mutating func read() -> Migration {
        let values = OptionValues(node, declared: ConfigurationDeclaration.migration)
        checkCohorts()
        let stage = Migration.Stage(rawValue: values.text("stage")) ?? .off
        return Migration(
            from: values.text("from"), to: values.text("to"), stage: stage,
            percent: values.percentage("percent") ?? .none, salt: values.string("salt") ?? route,
            stickiness: Migration.Stickiness(values.text("stickiness")) ?? .subject, cohorts: cohorts,
            anonymous: Migration.Side(rawValue: values.text("anonymous")) ?? .from, pins: pins(at: stage),
            fallbackAfter: values.milliseconds("fallbackAfter") ?? 3000)
    }

    // MARK: Cohorts

    private var cohortNodes: [JSONNode] { node.member("cohorts")?.value.elements ?? [] }

    private var cohorts: [Migration.Cohort] {
        cohortNodes.map { node in
            let values = OptionValues(node, declared: [])
            return Migration.Cohort(
                name: values.text("name"), when: Condition(node.member("when")?.value.value ?? [:]),
                percent: values.percentage("percent") ?? .none)
        }
    }

    private mutating func checkCohorts() {
        var names = Set<String>()
        for (index, cohort) in cohortNodes.enumerated() {
            if let name = cohort.member("name")?.value.string, !names.insert(name).inserted {
                fault(["cohorts", "\(index)", "name"], "there is another cohort \"\(name)\"")
            }
            if cohort.member("when")?.value.members?.isEmpty == true {
                fault(
                    ["cohorts", "\(index)", "when"], "it is empty and would match everybody",
                    hint: "the route's own \"percent\" is for everybody")
            }
        }
    }

    // MARK: Pins

    private mutating func pins(at stage: Migration.Stage) -> PinnedSubjects {
        let pins = PinnedSubjects(from: members("from", stage), to: members("to", stage))
        if let contradiction = pins.contradiction {
            let isOne = contradiction.count == 1
            let who = isOne ? "a customer is" : "\(contradiction.count) customers are"
            let place = contradiction.places.joined(separator: " and ")
            fault(
                ["pin"],
                "\(who) pinned to both sides" + (place.isEmpty ? "" : isOne ? ": \(place)" : ": first \(place)"),
                hint: "take them out of \"to\" or out of \"from\"",
                severity: contradiction.places.isEmpty ? .error : severity(at: stage))
        }
        return pins
    }

    private mutating func members(_ side: String, _ stage: Migration.Stage) -> PinnedSubjects.Members {
        guard let pins = node.member("pin")?.value.member(side)?.value else { return .nobody }
        if let elements = pins.elements { return PinnedSubjects.Members(elements.compactMap(\.string)) }
        guard let name = pins.member("file")?.value.string else { return .nobody }
        if stage == .live { files.append(source.resolve(name)) }
        guard pinScope.includes(route, at: stage) else { return .nobody }
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
        return .nobody
    }

    /// A file that is not in force stands in nobody's way, but for who asked for that of this route.
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
