import SignetConfiguration
import SignetRouting

/// The configuration that `signet init` writes.
struct InitTemplate {
    /// SHA-256 of the token of the one caller, in hexadecimal.
    let tokenDigest: String
    /// The addresses of the gateway and of its admin listener.
    var listen = ListenAddress.loopback(ListenAddress.port)
    var adminListen = ListenAddress.loopback(ListenAddress.adminPort)
    /// The sandbox vendor on this machine, instead of Pega's own region.
    var pegaOrigin: String?

    /// The placeholder for the id of Pega's widget.
    static let pegaWidgetID = Placeholder.widgetID(2)

    /// The JSON Schema of the configuration, beside it.
    static let schemaFile = "signet.schema.json"

    private var pegaLocation: String {
        pegaOrigin.map { #""origin": "\#($0)", "allowForeignOrigin": true, // a sandbox vendor on this machine"# }
            ?? #""region": "use1", // ca | euw1 | uk | use1"#
    }

    var configuration: String {
        """
        {
          // Signet's configuration: JSON with comments. `signet check` checks it. `signet vendors NAME` lists the options of a connection.
          // The schema is for editors. After an upgrade, renew it with `signet vendors --schema > \(Self.schemaFile)`.
          "$schema": "\(Self.schemaFile)",
          "listen": "\(listen)",
          "admin": { "listen": "\(adminListen)" }, // /metrics and /health

          // The backends that may use the gateway. `signet callers create NAME` makes another. This one's token is in keys/backend.token.
          "callers": [
            { "name": "backend", "tokenSha256": ["\(tokenDigest)"], "routes": ["*"], "allow": ["badge"] },
          ],
          "digestKey": "log-digest",
          "audit": { "file": "audit.jsonl" },

          "keys": {
            // Signet's own key, for digests in logs and the audit. It is the same on every replica.
            "log-digest": { "file": "keys/log-digest.secret", "encoding": "base64url" },
            // Made by init. Paste the public key, keys/talkative.public.pem, into Talkative's Signing Keys page.
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
              // The labels have to be exactly those of the portal.
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

          // The names that callers use. A route can migrate to another connection without a change of the callers.
          "routes": {
            "talkative": { "connection": "talkative-eu" },
            "pega": { "connection": "pega-us" },
            "dg": { "connection": "dg-eu" },
          },
        }

        """
    }

    /// Excludes private keys from git, later ones too.
    static let ignoredKeys = """
        *
        !.gitignore
        !*.public.pem

        """
}
