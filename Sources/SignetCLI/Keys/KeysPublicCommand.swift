import SignetJOSE
import SignetSystem

/// `signet keys public`: prints the public key in the form that a vendor's console accepts.
enum KeysPublicCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "public"], summary: "prints the public PEM, or JWK, of a private key",
        usages: ["FILE [--jwk] [--passphrase-file FILE]"],
        operands: [
            Operand(name: "FILE", summary: "A private key: PEM (SEC1 or PKCS#8) or JWK; - is stdin.", completion: .file)
        ],
        flags: [.toggle("--jwk", "Prints a JWK instead of a PEM."), .passphraseFile],
        examples: ["signet keys public keys/talkative-uk.private.pem", "signet keys public ec_private.pem --jwk"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let path = try invocation.requiredOperand(0, "FILE")
        let reading = try KeyReading(path, invocation)
        let key: ES256PublicKey
        switch reading.content {
        case .privateKey(let found): key = found.publicKey
        case .publicKey(let found): key = found
        case .secret:
            throw CommandFailure(
                .wrongUse, "\(reading.name) is neither a PEM file nor a JWK with a public key",
                hint: "an HMAC secret has no public key")
        }
        if invocation.has("--jwk") {
            try Output.json(key.jwk)
        } else {
            try Output.text(try reporting(in: reading.name) { try key.pem() })
        }
        return .done
    }
}
