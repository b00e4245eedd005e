import AcmeVendor
import SignetCLI
import SignetKit

SignetCommand.run(plugins: .builtIn + [AcmePlugin.self])
