import SignetTestSupport

/// A scratch directory with a configuration of every vendor and the keys to it.
struct Workplace {
    let directory: ScratchDirectory

    init(_ configuration: String = Workplace.configuration) throws {
        directory = try ScratchDirectory()
        try directory.write(configuration, to: "signet.json", mode: 0o644)
        for name in ["talkative.private.pem", "talkative.public.pem"] {
            try directory.write(try Fixtures.bytes("config/keys/\(name)"), to: "keys/\(name)")
        }
        try directory.write(Self.pegaSecret + "\n", to: "keys/pega.secret")
        try directory.write(Self.dgSecret + "\n", to: "keys/dg.secret")
    }

    func signet(_ arguments: String..., input: String = "") throws -> Signet.Outcome {
        try Signet.run(arguments, in: directory, input: input)
    }

    func signet(_ arguments: [String], input: String = "") throws -> Signet.Outcome {
        try Signet.run(arguments, in: directory, input: input)
    }

    static let pegaSecret = "pega-MARKER-secret!of-forty-characters-0"
    static let dgSecret = "dg-MARKER-secret-of-at-least-32-characters"

    static let configuration = """
        {
          "keys": {
            "talkative": { "file": "keys/talkative.private.pem" },
            "pega": { "file": "keys/pega.secret", "encoding": "utf8" },
            "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "dg_live_1" }
          },
          "connections": {
            "talkative-uk": { "vendor": "talkative", "key": "talkative", "region": "eu", "widgetId": "w",
              "fields": [ { "label": "Customer ID", "from": "subject" }, { "label": "Email", "from": "email" },
                          { "label": "Plan", "from": "attributes.plan", "required": false } ] },
            "pega-us": { "vendor": "pega", "region": "use1", "widgetId": "4d88d63c", "key": "pega" },
            "dg-eu": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" }
          },
          "routes": {
            "talkative": { "connection": "talkative-uk" },
            "pega": { "connection": "pega-us" },
            "dg": { "connection": "dg-eu" },
            "support": { "cases": [ { "when": { "brand": "acme" }, "connection": "dg-eu" } ],
                         "otherwise": { "connection": "talkative-uk" } },
            "moving": { "migrate": { "from": "dg-eu", "to": "talkative-uk", "stage": "off" } }
          }
        }
        """
}

extension Workplace {
    /// The route with a migration in the configuration.
    static let migratingRoute = #""moving": { "migrate": { "from": "dg-eu", "to": "talkative-uk", "stage": "off" } }"#

    /// A workplace with the route `help` in its place, with a migration from DG to Talkative, or between others.
    static func migrating(_ members: String, from: String = "dg-eu", to: String = "talkative-uk") throws -> Workplace {
        let help = #""help": { "migrate": { "from": "\#(from)", "to": "\#(to)", \#(members) } }"#
        return try Workplace(configuration.replacing(migratingRoute, with: help))
    }
}
