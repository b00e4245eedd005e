import SignetCLI
import SignetKit

SignetCommand.run(plugins: .builtIn)
