import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting

/// `signet vendors`: lists the vendors and the options of their connections.
enum VendorsCommand {
    static let declaration = CommandDeclaration(
        path: ["vendors"], summary: "lists the vendors or one vendor's options, or prints the JSON Schema",
        usages: ["[VENDOR] [--output json]", "--schema"],
        operands: [
            Operand(
                name: "VENDOR", summary: "A vendor, to show every option of its connections.",
                completion: .names(.vendors))
        ],
        flags: [.toggle("--schema", "Prints the JSON Schema of the configuration."), .output],
        examples: ["signet vendors", "signet vendors pega", "signet vendors --schema > signet.schema.json"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        if invocation.has("--schema") {
            guard invocation.operands.isEmpty else {
                throw CommandFailure(.wrongUse, "--schema is for all vendors, not for one")
            }
            try Output.text(PrettyJSON.text(of: ConfigurationSchema.json(plugins: invocation.plugins)) + "\n")
            return .done
        }
        let all = invocation.plugins.map { $0.vendor }
        var vendors = all
        if let name = invocation.operand(0) {
            vendors = all.filter { $0.name == name }
            guard !vendors.isEmpty else {
                throw CommandFailure(
                    .wrongUse, "no vendor \(JSONWriter.text(of: .string(name)))",
                    hint: NearestName.hint(for: name, among: all.map(\.name)))
            }
        }
        if try invocation.wantsJSON() {
            try Output.json(.array(vendors.map(json)))
        } else {
            try Output.text(
                vendors.map { text(of: $0, withOptions: invocation.operand(0) != nil) }.joined(separator: "\n"))
        }
        return .done
    }

    // MARK: For people

    private static func text(of vendor: Vendor, withOptions: Bool) -> String {
        var lines = [
            "\(vendor.name)  \(vendor.title): \(vendor.summary)",
            "  key      \(vendor.algorithm.rawValue), kid \(words(vendor.keyID)); \(vendor.keyOrigin)",
        ]
        if withOptions {
            lines += vendor.options.flatMap { option -> [String] in
                ["  \(option.name)  (\(presence(option)))", "      \(option.summary)"]
            }
        } else {
            lines.append("  options  \(vendor.options.map(\.name).joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ use: Vendor.KeyIDUse) -> String {
        switch use {
        case .required: "required"
        case .optional: "optional"
        case .none: "not used"
        }
    }

    private static func presence(_ option: OptionDeclaration) -> String {
        switch option.presence {
        case .required: "required"
        case .defaults(let value): "default: \(JSONWriter.text(of: value))"
        case .optional(let words): "if left out: \(words)"
        }
    }

    // MARK: For programs

    private static func json(_ vendor: Vendor) -> JSONValue {
        let options = vendor.options.map { option -> JSONValue in
            var members = [JSONMember("name", .string(option.name))]
            switch option.presence {
            case .required: members.append(JSONMember("required", true))
            case .defaults(let value):
                members += [JSONMember("required", false), JSONMember("default", value)]
            case .optional: members.append(JSONMember("required", false))
            }
            members.append(JSONMember("summary", .string(option.summary)))
            members.append(JSONMember("schema", ConfigurationSchema.json(of: option)))
            if let example = option.example { members.append(JSONMember("example", example)) }
            return .object(members)
        }
        return [
            "name": .string(vendor.name), "title": .string(vendor.title), "summary": .string(vendor.summary),
            "algorithm": .string(vendor.algorithm.rawValue), "kid": .string(vendor.keyID.rawValue),
            "keyOrigin": .string(vendor.keyOrigin), "options": .array(options),
        ]
    }
}
