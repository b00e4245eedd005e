import SignetRouting

/// What `signet init` writes.
struct InitTemplate {
    /// SHA-256 of the token of the one caller, in hexadecimal.
    let tokenDigest: String
    /// Where the gateway listens, and its admin side.
    var listen = "127.0.0.1:8787"
    var adminListen = "127.0.0.1:9787"
    /// A stand-in for Pega on this machine, instead of Pega's own region.
    var pegaOrigin: String?

    /// The id of the made-up widget at Pega.
    static let pegaWidgetID = Placeholder.widgetID(2)

    /// The JSON Schema of the configuration, beside it.
    static let schemaFile = "signet.schema.json"

    private var pegaLocation: String {
        pegaOrigin.map { #""origin": "\#($0)", "allowForeignOrigin": true, // a stand-in on this machine"# }
            ?? #""region": "use1", // ca | euw1 | uk | use1"#
    }

    var configuration: String {
        """
        {
          // Signet's configuration: JSON with comments. `signet check` tries it, `signet vendors NAME` lists what a vendor's connection takes.
          // For editors; `signet vendors --schema > \(Self.schemaFile)` makes it anew after an upgrade.
          "$schema": "\(Self.schemaFile)",
          "listen": "\(listen)",
          "admin": { "listen": "\(adminListen)" }, // /metrics and /health

          // Who may ask the gateway: `signet callers create NAME` makes another. This one's token is in keys/backend.token.
          "callers": [
            { "name": "backend", "tokenSha256": ["\(tokenDigest)"], "routes": ["*"], "allow": ["badge"] },
          ],
          "digestKey": "log-digest",
          "audit": { "file": "audit.jsonl" },

          "keys": {
            // Signet's own, for digests in logs and the audit. The same on every replica.
            "log-digest": { "file": "keys/log-digest.secret", "encoding": "base64url" },
            // Made by init. The public half, keys/talkative.public.pem, goes to Talkative's Signing Keys page.
            "talkative": { "file": "keys/talkative.private.pem" },
            // A placeholder. Put the JWT secret of the connection's Security tab into the file.
            "pega": { "file": "keys/pega.secret", "encoding": "utf8" },
            // A placeholder. Put the API secret of DG's dashboard into the file, and the API key here, as "kid".
            "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "\(Placeholder.keyID)" },
          },

          "connections": {
            "talkative-eu": {
              "vendor": "talkative",
              "region": "eu", // eu | us | au
              "widgetId": "\(Placeholder.widgetID(1))", // the loader URL's configUuid
              "key": "talkative",
              // Labels match the portal's, letter by letter.
              "fields": [
                { "label": "Customer ID", "from": "subject" },
                { "label": "Email", "from": "email", "required": false },
                { "label": "Signed at", "from": "issuedAt" },
              ],
            },
            "pega-us": {
              "vendor": "pega",
              \(pegaLocation)
              "widgetId": "\(Self.pegaWidgetID)", // from the widget.js URL
              "key": "pega",
              "create": { "customerId": "subject" },
              "privateData": { "externalUserId": "subject", "authenticated": { "value": "true" } },
            },
            "dg-eu": {
              "vendor": "dg",
              "env": "eu", // eu | us | dev.us
              "widgetId": "\(Placeholder.widgetID(3))",
              "key": "dg",
              "tokenLifetime": "15m",
            },
          },

          // What callers ask for. A route can be moved to another connection without their noticing.
          "routes": {
            "talkative": { "connection": "talkative-eu" },
            "pega": { "connection": "pega-us" },
            "dg": { "connection": "dg-eu" },
          },
        }

        """
    }

    /// Keeps private keys out of git, whatever is added.
    static let ignoredKeys = """
        *
        !.gitignore
        !*.public.pem

        """
}
