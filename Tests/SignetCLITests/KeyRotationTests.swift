import SignetTestSupport
import Testing

/// `signet keys rotate`, `promote` and `retire`, by the bytes of the configuration and the files beside it.
@Suite struct KeyRotationTests {
    static let text = """
        {
          "keys": {
            "talkative-2026": { "file": "keys/talkative.private.pem" }, // Talkative's
            // Pega's
            "pega": {"file":"keys/pega.secret","encoding":"utf8"},
            "dg": {
              "file": "keys/dg.secret", // DG's
              "encoding": "utf8",
              "kid": "dg_live_1"
            }
          },
          "connections": {
            "talkative-uk": { "vendor": "talkative", "key": "talkative-2026", "region": "eu", "widgetId": "w" },
            "pega-us": { "vendor": "pega", "region": "use1", "widgetId": "4d88d63c",
                         "keys": ["pega"] },
            "dg-eu": { "vendor": "dg", "key" : "dg" /* one */, "env": "eu", "widgetId": "w" }
          }
        }
        """

    private static func place(_ text: String = text) throws -> Workplace { try Workplace(text) }

    private static let newSecret = "the-vendors-new-secret-of-44-characters-----"

    // MARK: rotate

    @Test func keyPairIsMadeBesideTheOldOneAndItsPublicKeyPrinted() throws {
        let workplace = try Self.place()
        let outcome = try workplace.signet("keys", "rotate", "talkative-uk")
        #expect(outcome.status == 0)
        #expect(outcome.output == (try workplace.directory.text("keys/talkative-2027.public.pem")))
        #expect(try workplace.directory.mode("keys/talkative-2027.private.pem") == 0o600)
        #expect(
            try workplace.signet("keys", "public", "keys/talkative-2027.private.pem").output == outcome.output)
        #expect(
            outcome.notes == [
                "signet: wrote keys/talkative-2027.private.pem and keys/talkative-2027.public.pem",
                "signet: next: paste this PEM at Talkative: the admin portal's Signing Keys page",
                "signet: next: whether that page takes one key or several at once is not documented. Plan to change both"
                    + " sides at the same moment: prepare the change at Talkative, make it, and at once run: signet keys promote talkative-uk talkative-2027",
            ])
        let expected = Self.text
            .replacing(
                "// Talkative's\n",
                with: "// Talkative's\n    \"talkative-2027\": { \"file\": \"keys/talkative-2027.private.pem\" },\n"
            )
            .replacing("\"key\": \"talkative-2026\"", with: "\"keys\": [\"talkative-2026\", \"talkative-2027\"]")
        #expect(try workplace.directory.text("signet.json") == expected)
        let signed = try workplace.signet("sign", "--connection", "talkative-uk", "--subject", "1", "--output", "json")
        #expect(signed.output.contains("\"key\":\"talkative-2026\""))
    }

    @Test func vendorSecretGetsAFileWithAPlaceholder() throws {
        let workplace = try Self.place()
        let outcome = try workplace.signet("keys", "rotate", "pega-us")
        #expect(outcome.status == 0)
        #expect(outcome.output == "keys/pega-2.secret\n")
        #expect(try workplace.directory.text("keys/pega-2.secret").hasPrefix("stand-in: "))
        #expect(try workplace.directory.mode("keys/pega-2.secret") == 0o600)
        #expect(
            outcome.notes.dropFirst().first
                == "signet: next: replace the placeholder secret in keys/pega-2.secret by Pega's new secret:"
                + " the connection's Security tab, Show JWT Secret")
        #expect(outcome.notes.last?.hasSuffix("cat > keys/pega-2.secret && signet keys promote pega-us pega-2") == true)
        let expected = Self.text
            .replacing(
                "\"utf8\"},\n",
                with: "\"utf8\"},\n    \"pega-2\": {\"file\":\"keys/pega-2.secret\",\"encoding\":\"utf8\"},\n"
            )
            .replacing("[\"pega\"]", with: "[\"pega\", \"pega-2\"]")
        #expect(try workplace.directory.text("signet.json") == expected)
        #expect(try workplace.signet("check").status == 0)
    }

    @Test func keyIDIsWrittenInTheLayoutOfTheOldEntry() throws {
        let workplace = try Self.place()
        let outcome = try workplace.signet("keys", "rotate", "dg-eu", "--kid", "live\"2", "--name", "dg-next")
        #expect(outcome.status == 0)
        let expected = Self.text
            .replacing(
                "\"dg_live_1\"\n    }\n",
                with: """
                    "dg_live_1"
                        },
                        "dg-next": {
                          "file": "keys/dg-next.secret",
                          "encoding": "utf8",
                          "kid": "live\\"2"
                        }

                    """
            ).replacing("\"key\" : \"dg\"", with: "\"keys\" : [\"dg\", \"dg-next\"]")
        #expect(try workplace.directory.text("signet.json") == expected)
    }

    @Test(arguments: ["hex", "base64", "base64url"])
    func placeholderHasTheOldKeysEncodingAndIsNeverPromoted(encoding: String) throws {
        let old = encoding == "hex" ? "ab" : "abcd"
        let workplace = try Self.place(
            Self.text.replacing("\"encoding\":\"utf8\"", with: "\"encoding\":\"\(encoding)\""))
        try workplace.directory.write(String(repeating: old, count: 32), to: "keys/pega.secret")
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        #expect(try workplace.signet("check").lines.contains { $0.contains("the secret is a placeholder") })
        let refused = try workplace.signet("keys", "promote", "pega-us", "pega-2")
        #expect(refused.status == 2)
        #expect(
            refused.notes == [
                "signet: error: pega-2 is still a placeholder secret",
                "signet: hint: put the vendor's secret into keys/pega-2.secret",
            ])
    }

    @Test func secretFromTheEnvironmentIsFollowedByAFile() throws {
        let workplace = try Self.place(
            Self.text.replacing("\"file\":\"keys/pega.secret\"", with: "\"env\":\"PEGA_SECRET\""))
        #expect(try workplace.signet("keys", "rotate", "pega-us").output == "keys/pega-2.secret\n")
        #expect(
            try workplace.directory.text("signet.json").contains(
                "\"pega-2\": {\"file\":\"keys/pega-2.secret\",\"encoding\":\"utf8\"}"))
    }

    @Test(arguments: [
        ("talkative-2026", "talkative-2027"), ("talkative", "talkative-2"), ("a9", "a10"), ("a-09", "a-10"),
        ("2026", "2026-2"), ("a-99999999999999999999999", "a-99999999999999999999999-2"),
    ])
    func newNameHasTheNextNumber(old: String, new: String) throws {
        let workplace = try Self.place(Self.text.replacing("talkative-2026", with: old))
        #expect(try workplace.signet("keys", "rotate", "talkative-uk").status == 0)
        #expect(workplace.directory.exists("keys/\(new).private.pem"))
    }

    @Test func takenKeyAndFileNamesAreSkipped() throws {
        let workplace = try Self.place(
            Self.text.replacing("\"pega\": {", with: "\"talkative-2027\": { \"env\": \"X\" }, \"pega\": {"))
        for name in ["2028.private", "2029.public"] {
            try workplace.directory.write("", to: "keys/talkative-\(name).pem")
        }
        #expect(try workplace.signet("keys", "rotate", "talkative-uk").status == 0)
        #expect(workplace.directory.exists("keys/talkative-2030.private.pem"))
        #expect(try workplace.directory.text("keys/talkative-2028.private.pem") == "")
    }

    @Test(arguments: [
        (["dg-eu"], "DG needs a \"kid\" for every key, and --kid is missing"),
        (["dg-eu", "--kid", ""], "--kid needs the key id as the vendor shows it"),
        (["dg-eu", "--kid", "dg_live_1"], "the key dg has this kid already"),
        (["pega-us", "--kid", "x"], "Pega does not use a \"kid\""),
        (["pega-us", "--name", "dg"], "the configuration has a key dg already"),
        (["talkative-uk", "--name", "talkative"], "keys/talkative.private.pem exists already"),
        (["pega-us", "--name", "Pega"], "\"Pega\" is not a valid name"), (["pega-uk"], "no connection \"pega-uk\""),
        ([], "CONNECTION is missing"), (["pega-us", "-c", "-"], "a configuration from standard input"),
    ])
    func invalidRotationIsRefusedAndMakesNothing(arguments: [String], error: String) throws {
        let workplace = try Self.place()
        let before = workplace.directory.contents
        let outcome = try workplace.signet(["keys", "rotate"] + arguments, input: Self.text)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.hasPrefix("signet: error: \(error)") == true, "\(outcome.errors)")
        #expect(try workplace.directory.text("signet.json") == Self.text)
        #expect(workplace.directory.contents == before)
    }

    @Test func invalidResultIsNotWrittenAndTheNewKeyIsRemoved() throws {
        // The file that pega-2 would have is DG's already, and one file is not for two vendors.
        let text = Self.text.replacing("keys/dg.secret", with: "keys/pega-2.secret")
        let workplace = try Self.place(text)
        let before = workplace.directory.contents
        let outcome = try workplace.signet("keys", "rotate", "pega-us")
        #expect(outcome.status == 2)
        #expect(
            outcome.notes.first
                == "signet: error: signet.json would not be valid with this change, so nothing was written")
        #expect(outcome.notes.dropFirst().first?.hasPrefix("signet.json:") == true)
        #expect(try workplace.directory.text("signet.json") == text)
        #expect(workplace.directory.contents == before)
    }

    @Test(arguments: [["talkative-uk"], ["pega-us"], ["dg-eu", "--kid", "dg_live_2"]])
    func rotationDryRunMakesNothingAndItsDiffCanBePatched(arguments: [String]) throws {
        let (workplace, twin) = (try Self.place(), try Self.place())
        let before = workplace.directory.contents
        let outcome = try workplace.signet(["keys", "rotate"] + arguments + ["--dry-run"])
        #expect(outcome.status == 0)
        #expect(workplace.directory.contents == before)
        #expect(try workplace.directory.text("signet.json") == Self.text)
        try workplace.directory.write(outcome.output, to: "diff")
        #expect(try Signet.shell("patch --quiet < diff", in: workplace.directory).status == 0)
        #expect(try twin.signet(["keys", "rotate"] + arguments).status == 0)
        #expect(try workplace.directory.text("signet.json") == (try twin.directory.text("signet.json")))
    }

    @Test func otherConnectionWithTheOldKeyIsNamed() throws {
        let other = "\"talkative-us\": { \"vendor\": \"talkative\", \"key\": \"talkative-2026\" },\n    \"dg-eu\""
        let workplace = try Self.place(Self.text.replacing("\"dg-eu\"", with: other))
        let outcome = try workplace.signet("keys", "rotate", "talkative-uk")
        #expect(
            outcome.notes.last
                == "signet: warning: the connection talkative-us uses the old key too and is not changed")
    }

    @Test func printedCommandsNameTheConfigurationAndAreQuoted() throws {
        let workplace = try Self.place()
        #expect(try Signet.shell("mkdir 'b c' && mv signet.json keys 'b c'", in: workplace.directory).status == 0)
        let line = "cat > 'b c/keys/pega-2.secret' && signet keys promote pega-us pega-2 -c 'b c/signet.json'"
        let dry = try workplace.signet("keys", "rotate", "pega-us", "-c", "b c/signet.json", "--dry-run")
        #expect(
            dry.notes == [
                "signet: note: b c/keys/pega-2.secret in the diff does not exist; it is made without --dry-run"
            ])
        #expect(dry.output.hasPrefix("--- signet.json\n+++ signet.json\n"))
        let outcome = try Signet.run(
            ["keys", "rotate", "pega-us"], in: workplace.directory, environment: ["SIGNET_CONFIG": "b c/signet.json"])
        #expect(outcome.notes.last?.hasSuffix(line) == true, "\(outcome.errors)")
        let pasted = line.replacing("cat >", with: "echo '\(Self.newSecret)' >").replacing(
            "signet keys", with: "$SIGNET keys")
        let promoted = try Signet.shell(pasted, in: workplace.directory)
        #expect(promoted.output == "pega-us: pega -> pega-2\n", "\(promoted.errors)")
        #expect(promoted.notes.last?.hasSuffix("signet keys retire pega-us pega -c 'b c/signet.json'") == true)
    }

    @Test(arguments: [
        (
            "pega-us",
            ". A placeholder secret never signs: replace it before that time, and pega-2 then signs without a promotion"
        ),
        ("talkative-uk", ". talkative-2027 then signs without a promotion: Talkative has to have it before that time"),
    ])
    func keyWithAnEndIsReportedToBeReplacedByTheNext(connection: String, words: String) throws {
        let end = #""notAfter":"2999-01-01T00:00:00Z""#
        let workplace = try Self.place(
            Self.text.replacing(#""encoding":"utf8"}"#, with: #""encoding":"utf8",\#(end)}"#)
                .replacing(#"private.pem" }"#, with: #"private.pem", \#(end) }"#))
        let outcome = try workplace.signet("keys", "rotate", connection)
        #expect(
            outcome.notes.contains {
                $0.contains("from 2999-01-01T00:00:00Z on no other key of \(connection) signs\(words)")
            })
    }

    @Test func missingPropertiesOfTheNextKeyAreReported() throws {
        let workplace = try Self.place(
            Self.text.replacing(
                #"talkative.private.pem" }"#, with: #"old.pem", "kid": "x", "passphrase": { "env": "PASSPHRASE" } }"#))
        let line = "openssl pkcs8 -topk8 -in keys/talkative.private.pem -out keys/old.pem -passout pass:abcd"
        #expect(try Signet.shell(line, in: workplace.directory).status == 0)
        let warnings = try workplace.signet("keys", "rotate", "talkative-uk").notes.filter { $0.contains("warning") }
        #expect(
            warnings.first?.contains(
                "the file of talkative-2026 is encrypted, and keys/talkative-2027.private.pem is not") == true)
        #expect(warnings.last?.contains("talkative-2026 has a \"kid\", and talkative-2027 has none") == true)
        let other = try workplace.signet("keys", "rotate", "talkative-uk", "--kid", "y")
        #expect(other.errors.contains("is encrypted, and"))
        #expect(!other.errors.contains("\"kid\""))
    }

    @Test func neverPromotedKeyIsNamedByTheNextRotation() throws {
        let workplace = try Self.place()
        #expect(try !workplace.signet("keys", "rotate", "talkative-uk").errors.contains("warning"))
        let again = try workplace.signet("keys", "rotate", "talkative-uk")
        #expect(again.status == 0)
        #expect(
            again.notes.last
                == "signet: warning: talkative-2027 was made before and never promoted: promote it with"
                + " signet keys promote talkative-uk talkative-2027, or remove it with signet keys retire talkative-uk talkative-2027"
        )
        // One that never signed is not waited for, and neither is one that was promoted a reason for a warning.
        #expect(try workplace.signet("keys", "promote", "talkative-uk", "talkative-2028").status == 0)
        let third = try workplace.signet("keys", "rotate", "talkative-uk")
        #expect(!third.errors.contains("talkative-2026 was made") && !third.errors.contains("talkative-2028 was made"))
    }

    @Test func keyThatNeverSignedIsRetiredAtOnce() throws {
        let workplace = try Self.place()
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        #expect(try workplace.signet("keys", "retire", "pega-us", "pega-2").status == 0)
    }

    /// The key's folder is the configuration's, whose lock is held.
    @Test func keyBesideTheConfigurationIsRotated() throws {
        let workplace = try Self.place(Self.text.replacing("keys/pega.secret", with: "pega.secret"))
        #expect(try Signet.shell("mv keys/pega.secret .", in: workplace.directory).status == 0)
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        #expect(workplace.directory.exists("pega-2.secret"))
    }

    /// While another command changes the configuration, nothing is made that its change may rule out.
    @Test(.timeLimit(.minutes(2))) func nothingIsMadeBeforeTheLockIsHeld() throws {
        let workplace = try Self.place()
        let script = """
            exec 9<.; flock 9
            $SIGNET keys rotate pega-us 9<&- &
            until grep -q -- "-> FLOCK .*:$(stat -c %i .) " /proc/locks; do sleep 0.02; done
            ls keys
            sed -i s/pega-us/pega-other/ signet.json
            flock -u 9
            wait $!
            """
        let before = try Signet.shell("ls keys", in: workplace.directory).output
        let outcome = try Signet.shell(script, in: workplace.directory)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == #"signet: error: no connection "pega-us""#)
        #expect(outcome.output == before)
        #expect(try Signet.shell("ls keys", in: workplace.directory).output == before)
    }

    // MARK: promote and retire

    @Test func rotationPromotionAndRetirementSucceed() throws {
        let workplace = try Self.place()
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        let rotated = try workplace.directory.text("signet.json")
        try workplace.directory.write(Self.newSecret, to: "keys/pega-2.secret")
        let promoted = try workplace.signet("keys", "promote", "pega-us", "pega-2")
        #expect(promoted.status == 0)
        #expect(promoted.output == "pega-us: pega -> pega-2\n")
        #expect(
            promoted.notes.last
                == "signet: next: tokens of pega are valid for up to 5m: wait that long, then run signet keys retire pega-us pega"
        )
        #expect(
            try workplace.directory.text("signet.json")
                == rotated.replacing("[\"pega\", \"pega-2\"]", with: "[\"pega-2\", \"pega\"]"))
        let signed = try workplace.signet(
            "sign", "--connection", "pega-us", "--subject", "1", "--for", "create", "--output", "json")
        #expect(signed.output.contains("\"key\":\"pega-2\""))
        // The last token of the old key may be good for as long as it lives.
        let early = try workplace.signet("keys", "retire", "pega-us", "pega")
        #expect(early.status == 2)
        #expect(early.notes.first?.hasPrefix("signet: error: tokens of pega may be valid until 20") == true)
        #expect(early.notes.last == "signet: hint: wait until then, or retire it now with --force")
        try workplace.directory.backdate("signet.json", seconds: 4 * 60)
        #expect(try workplace.signet("keys", "retire", "pega-us", "pega").status == 2)
        try workplace.directory.backdate("signet.json", seconds: 5 * 60 + 1)
        let retired = try workplace.signet("keys", "retire", "pega-us", "pega")
        #expect(retired.status == 0)
        #expect(retired.output == "pega-us: pega is retired\n")
        #expect(retired.notes == ["signet: next: remove keys/pega.secret when you no longer need it"])
        #expect(workplace.directory.exists("keys/pega.secret"))
        let expected = Self.text.replacing(
            "\"pega\": {\"file\":\"keys/pega.secret\"", with: "\"pega-2\": {\"file\":\"keys/pega-2.secret\""
        ).replacing("[\"pega\"]", with: "[\"pega-2\"]")
        #expect(try workplace.directory.text("signet.json") == expected)
    }

    @Test func talkativeTokensAreReportedNotToExpire() throws {
        let workplace = try Self.place()
        #expect(try workplace.signet("keys", "rotate", "talkative-uk").status == 0)
        let promoted = try workplace.signet("keys", "promote", "talkative-uk", "talkative-2027")
        #expect(promoted.notes.count == 2)
        #expect(promoted.notes.last?.contains("tokens of talkative-2026 do not expire") == true)
    }

    @Test(arguments: [
        (["promote", "pega-us", "pega"], "pega is already the key that signs"),
        (["promote", "pega-us", "dg"], "\"dg\" is not a key of the connection pega-us"),
        (["promote", "pega-us"], "KEY is missing"), (["promote", "nobody", "dg"], "no connection \"nobody\""),
        (["retire", "pega-us", "pega"], "pega is the key that signs for the connection pega-us"),
        (["retire", "dg-eu", "dg"], "dg is the only key of the connection dg-eu"),
        (["retire", "pega-us", "dg"], "\"dg\" is not a key of the connection pega-us"),
        (["retire", "pega-us"], "KEY is missing"), (["retire", "nobody", "dg"], "no connection \"nobody\""),
    ])
    func invalidPromotionOrRetirementIsRefused(arguments: [String], error: String) throws {
        let workplace = try Self.place()
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        let before = try workplace.directory.text("signet.json")
        let outcome = try workplace.signet(["keys"] + arguments)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == "signet: error: \(error)")
        #expect(try workplace.directory.text("signet.json") == before)
    }

    @Test(arguments: [("", 2), (nil, 3)])
    func keyThatCannotBeLoadedIsNotPromoted(content: String?, status: Int32) throws {
        let workplace = try Self.place()
        #expect(try workplace.signet("keys", "rotate", "talkative-uk").status == 0)
        let before = try workplace.directory.text("signet.json")
        try workplace.directory.remove("keys/talkative-2027.private.pem")
        if let content { try workplace.directory.write(content, to: "keys/talkative-2027.private.pem") }
        let outcome = try workplace.signet("keys", "promote", "talkative-uk", "talkative-2027")
        #expect(outcome.status == status)
        #expect(outcome.notes.first?.hasPrefix("signet.json:") == true)
        #expect(try workplace.directory.text("signet.json") == before)
    }

    @Test func entryUsedByAnotherConnectionStays() throws {
        let other =
            "\"pega-uk\": { \"vendor\": \"pega\", \"region\": \"uk\", \"widgetId\": \"x\", \"key\": \"pega\" },\n    \"dg-eu\""
        let workplace = try Self.place(Self.text.replacing("\"dg-eu\"", with: other))
        #expect(try workplace.signet("keys", "rotate", "pega-us").status == 0)
        try workplace.directory.write(Self.newSecret, to: "keys/pega-2.secret")
        #expect(try workplace.signet("keys", "promote", "pega-us", "pega-2").status == 0)
        let outcome = try workplace.signet("keys", "retire", "pega-us", "pega", "--force")
        #expect(outcome.notes == ["signet: the key's entry stays: pega-uk uses it"])
        #expect(try workplace.directory.text("signet.json").contains("\"pega\": {\"file\":\"keys/pega.secret\""))
        #expect(try workplace.signet("check").status == 0)
    }

    @Test func jsonReportsTheChange() throws {
        let workplace = try Self.place()
        let rotated = try workplace.signet("keys", "rotate", "talkative-uk", "--output", "json").output
        #expect(
            rotated.hasPrefix(
                #"{"connection":"talkative-uk","vendor":"talkative","signing":"talkative-2026","key":"talkative-2027","#
                    + #""file":"keys/talkative-2027.private.pem","publicPem":"-----BEGIN PUBLIC KEY-----\n"#))
        #expect(rotated.hasSuffix("],\"dryRun\":false}\n"))
        let promote = ["keys", "promote", "talkative-uk", "talkative-2027", "--output", "json"]
        #expect(
            try workplace.signet(promote + ["--dry-run"]).output.contains(#""dryRun":true,"diff":"--- signet.json\n"#))
        #expect(
            try workplace.signet(promote).output.hasPrefix(
                #"{"connection":"talkative-uk","signing":"talkative-2027","was":"talkative-2026","tokenLifetime":null,"next":["#
            ))
        #expect(
            try workplace.signet("keys", "retire", "talkative-uk", "talkative-2026", "--output", "json").output
                == #"{"connection":"talkative-uk","retired":"talkative-2026","entryRemoved":true,"#
                + #""file":"keys/talkative.private.pem","dryRun":false}"# + "\n")
    }

    @Test func noSecretIsPrinted() throws {
        let workplace = try Self.place()
        let rotated = try workplace.signet("keys", "rotate", "pega-us")
        let standIn = try workplace.directory.text("keys/pega-2.secret").dropLast()
        try workplace.directory.write(Self.newSecret, to: "keys/pega-2.secret")
        let promoted = try workplace.signet("keys", "promote", "pega-us", "pega-2")
        let retired = try workplace.signet("keys", "retire", "pega-us", "pega", "--force")
        for outcome in [rotated, promoted, retired] {
            #expect(outcome.status == 0 && outcome.output.contains("pega"))
            for secret in [String(standIn), Self.newSecret, Workplace.pegaSecret] {
                #expect(!(outcome.output + outcome.errors).contains(secret))
            }
        }
    }
}
