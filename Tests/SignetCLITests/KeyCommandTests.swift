import SignetTestSupport
import Testing

@Suite struct KeyCommandTests {
    @Test(arguments: ["000", "022", "077", "777"])
    func keyFilesHaveTheirModesWithAnyUmask(umask: String) throws {
        let directory = try ScratchDirectory()
        try directory.write("", to: "keys/.keep")
        let line = "umask \(umask); \"$SIGNET\" keys generate a && \"$SIGNET\" keys generate b --algorithm hs256"
        #expect(try Signet.shell(line, in: directory).status == 0)
        #expect(try directory.mode("keys/a.private.pem") == 0o600)
        #expect(try directory.mode("keys/a.public.pem") == 0o644)
        #expect(try directory.mode("keys/b.secret") == 0o600)
        #expect(
            directory.contents == ["keys", "keys/.keep", "keys/a.private.pem", "keys/a.public.pem", "keys/b.secret"])
    }

    @Test func newFolderIsClosedToOtherUsers() throws {
        let directory = try ScratchDirectory()
        let outcome = try Signet.shell("umask 000; \"$SIGNET\" keys generate a --dir x/y", in: directory)
        #expect(outcome.status == 0)
        #expect(try directory.mode("x") == 0o700)
        #expect(try directory.mode("x/y") == 0o700)
    }

    @Test func printedPublicPEMBelongsToThePrivateKey() throws {
        let directory = try ScratchDirectory()
        let made = try Signet.run(["keys", "generate", "a"], in: directory)
        #expect(made.notes == ["signet: wrote keys/a.private.pem and keys/a.public.pem"])
        #expect(made.output == (try directory.text("keys/a.public.pem")))
        #expect(try Self.publicHalf("keys/a.private.pem", in: directory) == made.output)
        #expect(try directory.text("keys/a.private.pem").hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    private static func publicHalf(_ path: String, in directory: ScratchDirectory) throws -> String {
        try Signet.run(["keys", "public", path], in: directory).output
    }

    @Test func sec1IsWrittenOnRequest() throws {
        let directory = try ScratchDirectory()
        let made = try Signet.run(["keys", "generate", "a", "--format", "sec1", "--dir", "."], in: directory)
        #expect(made.notes == ["signet: wrote a.private.pem and a.public.pem"])
        #expect(try directory.text("a.private.pem").hasPrefix("-----BEGIN EC PRIVATE KEY-----\n"))
        #expect(try Self.publicHalf("a.private.pem", in: directory) == made.output)
    }

    @Test func newSecretHas32BytesInBase64URLAndIsNotPrinted() throws {
        let directory = try ScratchDirectory()
        let made = try Signet.run(["keys", "generate", "log-digest", "--algorithm", "hs256"], in: directory)
        let secret = try directory.text("keys/log-digest.secret").filter { $0 != "\n" }
        #expect(secret.utf8.count == 43)
        #expect(made.output == "")
        #expect(
            made.notes == [
                "signet: wrote keys/log-digest.secret. Configure it as",
                "  \"log-digest\": { \"file\": \"keys/log-digest.secret\", \"encoding\": \"base64url\" }",
            ])
        #expect(!made.errors.contains(secret))
    }

    @Test(arguments: ["es256", "hs256"])
    func keyIsReplacedOnlyWithForce(algorithm: String) throws {
        let directory = try ScratchDirectory()
        let file = algorithm == "es256" ? "keys/a.private.pem" : "keys/a.secret"
        let arguments = ["keys", "generate", "a", "--algorithm", algorithm]
        #expect(try Signet.run(arguments, in: directory).status == 0)
        let first = try directory.text(file)
        let refused = try Signet.run(arguments, in: directory)
        #expect(refused.status == 2)
        #expect(refused.output == "")
        #expect(
            refused.notes == [
                "signet: error: \(file) exists already",
                "signet: hint: choose another name, or replace it with --force",
            ])
        #expect(try directory.text(file) == first)
        #expect(try Signet.run(arguments + ["--force"], in: directory).status == 0)
        #expect(try directory.text(file) != first)
    }

    @Test func existingPublicKeyPreventsANewPair() throws {
        let directory = try ScratchDirectory()
        try directory.write("mine", to: "keys/a.public.pem")
        let outcome = try Signet.run(["keys", "generate", "a"], in: directory)
        #expect(outcome.status == 2)
        #expect(directory.contents == ["keys", "keys/a.public.pem"])
        #expect(try directory.text("keys/a.public.pem") == "mine")
    }

    @Test func forcedPairThatCannotBeWrittenLeavesTheOldOne() throws {
        let directory = try ScratchDirectory()
        #expect(try Signet.run(["keys", "generate", "a"], in: directory).status == 0)
        let old = try directory.text("keys/a.private.pem")
        #expect(try Signet.shell("rm keys/a.public.pem && mkdir keys/a.public.pem", in: directory).status == 0)
        let outcome = try Signet.run(["keys", "generate", "a", "--force"], in: directory)
        #expect(outcome.status == 3)
        #expect(outcome.notes == ["signet: error: keys/a.public.pem is a directory, not a file"])
        #expect(try directory.text("keys/a.private.pem") == old)
        #expect(directory.contents == ["keys", "keys/a.private.pem", "keys/a.public.pem"])
    }

    private static func race(flag: String, in directory: ScratchDirectory) throws -> [String] {
        let line = """
            for i in {1..20}; do ( "$SIGNET" keys generate a \(flag) >out.$i 2>err.$i; echo $? >status.$i ) & done; wait
            cat status.*; rm -f out.* err.* status.*
            """
        return try Signet.shell(line, in: directory).lines.sorted()
    }

    @Test func exactlyOneOfTwentyProcessesMakesTheKey() throws {
        let directory = try ScratchDirectory()
        #expect(try Self.race(flag: "", in: directory) == ["0"] + [String](repeating: "2", count: 19))
        #expect(directory.contents == ["keys", "keys/a.private.pem", "keys/a.public.pem"])
        #expect(try Self.publicHalf("keys/a.private.pem", in: directory) == directory.text("keys/a.public.pem"))
    }

    @Test func twentyProcessesThatReplaceAKeyLeaveAMatchingPair() throws {
        let directory = try ScratchDirectory()
        // Without the lock about every second round ends with the halves of two keys.
        for _ in 1...8 {
            #expect(try Self.race(flag: "--force", in: directory) == [String](repeating: "0", count: 20))
            #expect(directory.contents == ["keys", "keys/a.private.pem", "keys/a.public.pem"])
            #expect(try Self.publicHalf("keys/a.private.pem", in: directory) == directory.text("keys/a.public.pem"))
        }
    }

    @Test func inspectShowsKindCurveBitsThumbprintAndMode() throws {
        let workplace = try Workplace()
        let thumbprint = try #require(
            try workplace.signet("keys", "inspect", "keys/talkative.public.pem").lines.first {
                $0.hasPrefix("thumbprint")
            })
        #expect(thumbprint.utf8.count == 12 + 43 + 1)
        let outcome = try workplace.signet("keys", "inspect", "keys/talkative.private.pem")
        #expect(
            outcome.lines == [
                "kind:        private key", "algorithm:   ES256", "curve:       P-256", "bits:        256", thumbprint,
                "mode:        0600",
            ])
        let secret = try workplace.signet("keys", "inspect", "keys/dg.secret", "--output", "json")
        #expect(secret.output == #"{"kind":"HMAC secret","algorithm":"HS256","bits":336,"mode":"0600"}"# + "\n")
        #expect(secret.errors == "")
    }

    @Test func inspectWarnsOfKeysThatSigningRefuses() throws {
        let workplace = try Workplace()
        try workplace.directory.write("short", to: "keys/open.secret", mode: 0o644)
        let outcome = try workplace.signet("keys", "inspect", "keys/open.secret")
        #expect(outcome.status == 0)
        #expect(
            outcome.notes == [
                "signet: warning: other users may read or write this file, so Signet does not sign with it",
                "signet: hint: chmod 600 keys/open.secret",
                "signet: warning: HS256 needs at least 32 bytes, and this secret has 5",
            ])
    }

    /// A file behind standard input has a mode, and no name for a command.
    @Test(arguments: [
        (
            "keys public - < open.secret",
            "signet: error: standard input holds a secret and its mode 0644 lets others read or write it"
        ),
        (
            "verify --key - MARKER < open.secret",
            "signet: error: standard input holds a secret and its mode 0644 lets others read or write it"
        ),
        (
            "keys public keys/talkative.private.pem --passphrase-file - < open.secret",
            "signet: error: standard input holds a secret and its mode 0644 lets others read or write it"
        ),
        (
            "keys inspect - < open.secret",
            "signet: warning: other users may read or write this file, so Signet does not sign with it"
        ),
        (
            "keys inspect - --encoding hex < keys/dg.secret",
            "signet: error: standard input: the secret is not hexadecimal"
        ),
        (
            "verify --key - MARKER < short.secret",
            "signet: error: standard input: the secret has 5 bytes; HS256 needs at least 32"
        ),
    ])
    func messageNamesStandardInput(line: String, note: String) throws {
        let workplace = try Workplace()
        try workplace.directory.write(String(repeating: "s", count: 40), to: "open.secret", mode: 0o644)
        try workplace.directory.write("short", to: "short.secret")
        let outcome = try Signet.shell("\"$SIGNET\" \(line)", in: workplace.directory)
        #expect(outcome.notes.first == note)
        #expect(!outcome.errors.contains("chmod"))
    }

    @Test func publicKeyOfASecretFromStdinIsRefusedByName() throws {
        let outcome = try Workplace().signet(["keys", "public", "-"], input: Workplace.dgSecret)
        #expect(
            outcome.notes.first == "signet: error: standard input is neither a PEM file nor a JWK with a public key")
    }

    @Test func publicKeyIsPrintedAsPEMOrJWKAlsoFromStdin() throws {
        let workplace = try Workplace()
        let pem = try workplace.directory.text("keys/talkative.private.pem")
        #expect(
            try workplace.signet(["keys", "public", "-"], input: pem).output
                == workplace.directory.text("keys/talkative.public.pem"))
        let jwk = try workplace.signet(["keys", "public", "-", "--jwk"], input: pem).output
        #expect(jwk.hasPrefix(#"{"kty":"EC","crv":"P-256","x":""#))
        #expect(!jwk.contains("\"d\""))
    }
}
