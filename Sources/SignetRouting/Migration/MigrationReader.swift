import SignetIdentity
import SignetJOSE

/// Makes a ``Migration`` of a route's `migrate`, whose members have been found to have their types.
struct MigrationReader {
    let source: ConfigurationSource
    let route: String
    let node: JSONNode
    private(set) var faults: [Diagnostic] = []
    /// The files with subjects that were read, resolved.
    private(set) var files: [String] = []

    init(source: ConfigurationSource, route: String, node: JSONNode) {
        self.source = source
        self.route = route
        self.node = node
    }

    mutating func read() -> Migration {
        let values = OptionValues(node, declared: ConfigurationDeclaration.migration)
        checkCohorts()
        let pins = PinnedSubjects(from: subjects("from"), to: subjects("to"))
        if pins.contradictions > 0 {
            let who = pins.contradictions == 1 ? "a customer is" : "\(pins.contradictions) customers are"
            fault(["pin"], "\(who) pinned to both sides", hint: "take them out of \"to\" or out of \"from\"")
        }
        return Migration(
            from: values.text("from"), to: values.text("to"),
            stage: Migration.Stage(rawValue: values.text("stage")) ?? .off,
            percent: values.percentage("percent") ?? .none, salt: values.string("salt") ?? route,
            stickiness: Migration.Stickiness(values.text("stickiness")) ?? .subject, cohorts: cohorts,
            anonymous: Migration.Side(rawValue: values.text("anonymous")) ?? .from, pins: pins,
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

    private mutating func subjects(_ side: String) -> [String] {
        guard let pins = node.member("pin")?.value.member(side)?.value else { return [] }
        if let elements = pins.elements { return elements.compactMap(\.string) }
        guard let name = pins.member("file")?.value.string else { return [] }
        let path = ["pin", side, "file"]
        files.append(source.resolve(name))
        do {
            return try PinList.subjects(in: try FileReading.bytes(atPath: source.resolve(name)))
        } catch let error as PinList.Fault {
            fault(path, "\(name), line \(error.line): \(error.message)", hint: "one subject a line, in UTF-8")
        } catch let error as FileError {
            fault(path, error.reason, hint: error.hint, isExternal: true)
        } catch {
            fault(path, "\(error)")
        }
        return []
    }

    private mutating func fault(_ path: [String], _ message: String, hint: String? = nil, isExternal: Bool = false) {
        faults.append(
            source.diagnostic(
                ["routes", route, "migrate"] + path, message, hint: hint, isExternal: isExternal))
    }
}
