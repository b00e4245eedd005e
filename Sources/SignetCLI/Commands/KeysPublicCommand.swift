import SignetJOSE
import SignetSystem

/// `signet keys public`: the public half, in the form a vendor's console takes.
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
        let reading = try KeyReading(path, passphrase: try KeyReading.passphrase(invocation))
        let key: ES256PublicKey
        switch reading.content {
        case .privateKey(let found): key = found.publicKey
        case .publicKey(let found): key = found
        case .secret:
            throw CommandFailure(
                .wrongUse, "\(path): this is neither a PEM file nor a JWK with a public half",
                hint: "an HMAC secret has none: whoever verifies with it can sign with it")
        }
        if invocation.has("--jwk") {
            try Output.result(JSONWriter.text(of: key.jwk))
        } else {
            try Output.text(try failing({ CommandFailure($0, in: path) }) { () throws(SignetError) in try key.pem() })
        }
        return .done
    }
}
