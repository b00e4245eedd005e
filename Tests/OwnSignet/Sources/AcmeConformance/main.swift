import AcmeVendor
import SignetKit

// Checks the plugin, its signer and the badge of a page, and prints the problems.

let secret = SecretBytes(copying: Array("a workspace secret of enough bytes".utf8))
let key = NamedKey(name: "acme", key: .hs256(try HS256Key(secret: secret)))
let settings = AcmeSettings(workspace: "acme-eu")
let connection = try AcmePlugin.connect("acme-eu", settings: settings, keys: ConnectionKeys(key))
let customer = try Customer(subject: "12345")

var problems = VendorPluginConformance.problems(of: AcmePlugin.self)
problems += IdentitySignerConformance.problems(of: connection, sampling: .init(customer: customer))

let badge = connection.badge(for: try connection.sign(.customer(customer), in: SigningContext()))?.json
if badge?["kind"] != "chatPass" { problems.append("the badge's kind is not Acme's own") }
if badge?["workspace"] != "acme-eu" { problems.append("the badge lacks the widget's member") }
if badge?["lounge"] != "members" { problems.append("the badge lacks the token's member") }

for problem in problems { print(problem) }
guard problems.isEmpty else { fatalError("AcmePlugin does not conform") }
print("AcmePlugin conforms")
