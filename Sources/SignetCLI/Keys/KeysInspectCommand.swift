import SignetJOSE
import SignetSystem

/// `signet keys inspect`: describes a key file without showing the key.
enum KeysInspectCommand {
    static let declaration = CommandDeclaration(
        path: ["keys", "inspect"], summary: "shows a key file's kind, curve, bits, thumbprint and mode",
        usages: ["FILE [--encoding utf8|base64|base64url|hex] [--passphrase-file FILE] [--output json]"],
        discussion: [
            "The thumbprint is RFC 7638's. None is shown for a secret, because it would help to guess a weak one."
        ],
        operands: [Operand(name: "FILE", summary: "A PEM file, a JWK or a secret; - is stdin.", completion: .file)],
        flags: [.encoding, .passphraseFile, .output],
        examples: ["signet keys inspect keys/talkative-uk.private.pem"],
        run: run)

    @Sendable private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
        let path = try invocation.requiredOperand(0, "FILE")
        let isJSON = try invocation.wantsJSON()
        let reading = try KeyReading(path, invocation, refusesOpenModes: false)
        let facts = facts(of: reading)
        if isJSON {
            try Output.json(.object(facts))
        } else {
            for fact in facts {
                let value = fact.value.string ?? JSONWriter.text(of: fact.value)
                try Output.result("\(fact.name):\(String(repeating: " ", count: 12 - fact.name.count))\(value)")
            }
        }
        warn(of: reading)
        return .done
    }

    private static func facts(of reading: KeyReading) -> [JSONMember] {
        var facts: [JSONMember]
        switch reading.content {
        case .privateKey(let key): facts = Self.facts(of: key.publicKey, kind: "private key")
        case .publicKey(let key): facts = Self.facts(of: key, kind: "public key")
        case .secret(let secret, let keyID):
            facts = [
                JSONMember("kind", "HMAC secret"), JSONMember("algorithm", "HS256"),
                JSONMember("bits", .number(JSONNumber(secret.count * 8))),
            ]
            if let keyID { facts.append(JSONMember("kid", .string(keyID))) }
        }
        facts.append(JSONMember("mode", .string(reading.status.octalMode)))
        return facts
    }

    private static func facts(of key: ES256PublicKey, kind: String) -> [JSONMember] {
        var facts = [
            JSONMember("kind", .string(kind)), JSONMember("algorithm", "ES256"), JSONMember("curve", "P-256"),
            JSONMember("bits", 256), JSONMember("thumbprint", .string(key.thumbprint)),
        ]
        if let keyID = key.keyID { facts.append(JSONMember("kid", .string(keyID))) }
        return facts
    }

    private static func warn(of reading: KeyReading) {
        if case .publicKey = reading.content { return }
        if reading.status.isOpenToOthers {
            Output.warning(
                "other users may read or write this file, so Signet does not sign with it",
                hint: reading.name == StandardInput.name ? nil : "chmod 600 \(ShellCommand.quoted(reading.name))")
        } else if reading.status.isReadableByGroup {
            Output.warning("the file's group may read it")
        }
        if let doubt = reading.doubt { Output.warning(doubt.reason, hint: doubt.hint) }
        if case .secret(let secret, _) = reading.content, secret.count < HS256Key.minimumLength {
            Output.warning("HS256 needs at least \(HS256Key.minimumLength) bytes, and this secret has \(secret.count)")
        }
    }
}
