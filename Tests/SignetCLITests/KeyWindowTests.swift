import Foundation
import SignetIdentity
import SignetTestSupport
import Testing

/// `notBefore` and `notAfter` on the command line.
@Suite struct KeyWindowTests {
    private static let day: Int64 = 86_400

    private static func moment(_ days: Int64) -> String {
        NumericDate.now.advanced(by: days * day + day / 2).rfc3339
    }

    /// A configuration of one DG connection whose keys "old" and "new" have these further members.
    private static func workplace(_ old: String, _ new: String = "") throws -> Workplace {
        let workplace = try Workplace(
            """
            { "keys": { "old": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "o"\(old) },
                        "new": { "file": "keys/new.secret", "encoding": "utf8", "kid": "n"\(new) } },
              "connections": { "dg": { "vendor": "dg", "keys": ["old", "new"], "env": "eu", "widgetId": "w" } },
              "routes": { "shop": { "connection": "dg" } } }
            """)
        try workplace.directory.write("another secret of more than 32 characters", to: "keys/new.secret")
        return workplace
    }

    private static func until(_ days: Int64) -> String { #","notAfter":"\#(moment(days))""# }
    private static func from(_ days: Int64) -> String { #","notBefore":"\#(moment(days))""# }

    @Test(arguments: [
        (until(-2), "", "n"), (until(2), "", "o"), ("", from(2), "o"), (from(2), "", "n"),
        (until(2), from(1), "o"), (until(-2), from(-3), "n"),
    ])
    func signTakesTheKeyWhoseTimeItIs(old: String, new: String, keyID: String) throws {
        let workplace = try Self.workplace(old, new)
        let signed = try workplace.signet("sign", "shop", "--subject", "1", "--output", "json")
        #expect(signed.status == 0)
        #expect(signed.output.contains("\"key\":\"\(keyID == "o" ? "old" : "new")\""))
        let batch = try workplace.signet("sign", "shop", "--batch", "-", input: "{\"subject\":\"1\"}\n")
        #expect(batch.output.contains("\"key\":\"\(keyID == "o" ? "old" : "new")\""))
        let token = try workplace.signet("sign", "shop", "--subject", "1").output
        let header = try workplace.signet("inspect", input: token).output.filter { !$0.isWhitespace }
        #expect(header.contains("\"kid\":\"\(keyID)\""))
        #expect(try workplace.signet("verify", "shop", input: token).status == 0)
    }

    @Test func aTokenOfAKeyWhoseTimeIsOverVerifies() throws {
        let token = try Self.workplace("").signet("sign", "shop", "--subject", "1").output
        let workplace = try Self.workplace(Self.until(-2))
        #expect(try workplace.signet("verify", "shop", input: token).status == 0)
    }

    @Test func inAGapNothingIsSignedAndVerifyWorks() throws {
        let token = try Self.workplace("").signet("sign", "shop", "--subject", "1").output
        let workplace = try Self.workplace(Self.until(-2), Self.from(2))
        let signed = try workplace.signet("sign", "shop", "--subject", "1")
        #expect(signed.status == 2)
        #expect(signed.output.isEmpty)
        #expect(
            signed.notes == [
                "signet: error: no key of connection \"dg\" signs at this moment",
                "signet: hint: see \"notBefore\" and \"notAfter\" of its keys, or run signet check",
            ])
        let batch = try workplace.signet("sign", "shop", "--batch", "-", input: "{\"subject\":\"1\"}\n")
        #expect(batch.status == 1)
        #expect(batch.output.contains(#""error":{"code":"no-signing-key""#))
        #expect(try workplace.signet("verify", "shop", input: token).status == 0)
    }

    @Test func checkRefusesAGapAtOnce() throws {
        let outcome = try Self.workplace(Self.until(-2), Self.from(2)).signet("check")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.contains("error: connections.dg: none of its keys signs at this moment, ") == true)
    }

    @Test func checkSaysWhatIsAhead() throws {
        func line(_ old: String, _ new: String) throws -> String? {
            let outcome = try Self.workplace(old, new).signet("check")
            #expect(outcome.status == 0)
            return outcome.lines.first { $0.contains("connection dg") }
        }
        #expect(
            try line(Self.until(2), "")?.contains("signed and verified; old signs until \(Self.moment(2).prefix(10))T")
                == true)
        #expect(try line(Self.until(2), "")?.hasPrefix("ok ") == true)
        let ending = try line(Self.until(5), Self.until(9))
        #expect(ending?.contains("in 9 days nothing can sign for this connection") == true)
        #expect(ending?.hasPrefix("warn") == true)
        let later = try line(Self.until(5), Self.until(40))
        #expect(later?.contains("on nothing can sign for this connection") == true)
        #expect(later?.hasPrefix("ok ") == true)
        #expect(try line("", "")?.hasSuffix("dg: signed and verified") == true)
    }

    @Test func checkNotesAKeyThatOnlyVerifies() throws {
        let outcome = try Self.workplace(Self.until(-3)).signet("check")
        let line = outcome.lines.first { $0.contains("key old") }
        #expect(line?.hasPrefix("ok ") == true)
        #expect(line?.contains("; signed until \(Self.moment(-3).prefix(10))T") == true)
        #expect(line?.hasSuffix(", and only verifies now") == true)
    }

    // MARK: keys promote and retire

    @Test(arguments: [("", ""), (from(2), ""), (until(2), "")])
    func theKeyThatSignsIsNotRetired(old: String, new: String) throws {
        let workplace = try Self.workplace(old, new)
        let signs = old.contains("notBefore") ? "new" : "old"
        let before = try workplace.directory.text("signet.json")
        let outcome = try workplace.signet("keys", "retire", "dg", signs)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == "signet: error: \(signs) is the key that signs for the connection dg")
        #expect(try workplace.directory.text("signet.json") == before)
    }

    @Test func theKeyThatSignsIsNotRetiredWhileNoOtherCould() throws {
        let outcome = try Self.workplace(Self.from(2)).signet("keys", "retire", "dg", "new")
        #expect(outcome.notes.last?.contains("no other key of it could sign at this moment: signet keys ro") == true)
    }

    @Test func aFirstKeyWhoseTimeIsOverIsRetired() throws {
        let workplace = try Self.workplace(Self.until(-2))
        let outcome = try workplace.signet("keys", "retire", "dg", "old")
        #expect(outcome.status == 0)
        #expect(outcome.notes.count == 1)
        let signed = try workplace.signet("sign", "shop", "--subject", "1", "--output", "json")
        #expect(signed.output.contains("\"key\":\"new\""))
    }

    @Test func aGapThatComesOfRetiringIsTold() throws {
        let workplace = try Self.workplace(Self.until(2))
        let outcome = try workplace.signet("keys", "retire", "dg", "new")
        #expect(outcome.status == 0)
        #expect(
            outcome.notes.first?.hasPrefix(
                "signet: warning: without new nothing can sign for the connection dg from \(Self.moment(2).prefix(10))T"
            ) == true, "\(outcome.errors)")
        // One that is there with it, too, is nothing new.
        let other = try Self.workplace(Self.until(2), Self.until(1)).signet("keys", "retire", "dg", "new")
        #expect(other.notes.count == 1)
    }

    @Test func whatWouldNotLoadAfterRetiringIsNotWritten() throws {
        let workplace = try Self.workplace(Self.until(-2))
        try workplace.directory.write("short", to: "keys/new.secret")
        let before = try workplace.directory.text("signet.json")
        let outcome = try workplace.signet("keys", "retire", "dg", "old")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.contains("error: keys.new") == true)
        #expect(try workplace.directory.text("signet.json") == before)
        // What does not load any more itself may go.
        try workplace.directory.write("another secret of more than 32 characters", to: "keys/new.secret")
        try workplace.directory.remove("keys/dg.secret")
        #expect(try workplace.signet("keys", "retire", "dg", "old").status == 0)
    }

    @Test func whatLeavesNobodyToSignNowIsNotRetired() throws {
        let outcome = try Self.workplace(Self.until(-2), Self.until(-1)).signet("keys", "retire", "dg", "old")
        #expect(outcome.status == 2)
        #expect(
            outcome.notes.first == "signet: error: without it no key of the connection dg signs at this moment")
    }

    @Test func aKeyOutOfItsTimeIsNotPromoted() throws {
        for (window, error) in [
            (Self.until(-2), "new signed until \(Self.moment(-2).prefix(10))T"),
            (Self.from(2), "new signs from \(Self.moment(2).prefix(10))T"),
        ] {
            let workplace = try Self.workplace("", window)
            let before = try workplace.directory.text("signet.json")
            let outcome = try workplace.signet("keys", "promote", "dg", "new")
            #expect(outcome.status == 2)
            #expect(outcome.notes.first?.hasPrefix("signet: error: \(error)") == true, "\(outcome.errors)")
            #expect(try workplace.directory.text("signet.json") == before)
        }
    }

    @Test func aKeyThatSignsAlreadyByItsTimeBecomesTheFirst() throws {
        let outcome = try Self.workplace(Self.until(-2)).signet("keys", "promote", "dg", "new")
        #expect(outcome.status == 0)
        #expect(outcome.output == "dg: new signed already, and is the first now\n")
        #expect(outcome.notes.count == 1)
        #expect(outcome.notes.first?.hasSuffix("signet keys retire dg old") == true)
    }

    @Test func aPromotedKeyIsTheOneThatWasTried() throws {
        let workplace = try Self.workplace(Self.from(2), "")
        let outcome = try workplace.signet("keys", "promote", "dg", "old")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.hasPrefix("signet: error: old signs from ") == true)
    }
}
