import Foundation
import SignetIdentity
import SignetJOSE
import SignetSystem
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
    func keyInItsTimeWindowSigns(old: String, new: String, keyID: String) throws {
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

    @Test func tokenOfAnExpiredKeyVerifies() throws {
        let token = try Self.workplace("").signet("sign", "shop", "--subject", "1").output
        let workplace = try Self.workplace(Self.until(-2))
        #expect(try workplace.signet("verify", "shop", input: token).status == 0)
    }

    @Test func gapBetweenKeysRefusesSigningButNotVerifying() throws {
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

    @Test func checkRefusesACurrentGap() throws {
        let outcome = try Self.workplace(Self.until(-2), Self.from(2)).signet("check")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.contains("error: connections.dg: none of its keys signs at this moment, ") == true)
    }

    @Test func checkShowsTheNextKeyChange() throws {
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

    @Test func checkShowsAKeyThatOnlyVerifies() throws {
        let outcome = try Self.workplace(Self.until(-3)).signet("check")
        let line = outcome.lines.first { $0.contains("key old") }
        #expect(line?.hasPrefix("ok ") == true)
        #expect(line?.contains("; signed until \(Self.moment(-3).prefix(10))T") == true)
        #expect(line?.hasSuffix(" and now only verifies") == true)
    }

    // MARK: keys promote and retire

    @Test(arguments: [("", ""), (from(2), ""), (until(2), "")])
    func signingKeyIsNotRetired(old: String, new: String) throws {
        let workplace = try Self.workplace(old, new)
        let signs = old.contains("notBefore") ? "new" : "old"
        let before = try workplace.directory.text("signet.json")
        let outcome = try workplace.signet("keys", "retire", "dg", signs)
        #expect(outcome.status == 2)
        #expect(outcome.notes.first == "signet: error: \(signs) is the key that signs for the connection dg")
        #expect(try workplace.directory.text("signet.json") == before)
    }

    @Test func signingKeyWithoutAnotherIsNotRetired() throws {
        let outcome = try Self.workplace(Self.from(2)).signet("keys", "retire", "dg", "new")
        #expect(outcome.notes.last?.contains("no other key can sign now: make one with signet keys ro") == true)
    }

    @Test func expiredFirstKeyIsRetired() throws {
        let workplace = try Self.workplace(Self.until(-2))
        let outcome = try workplace.signet("keys", "retire", "dg", "old")
        #expect(outcome.status == 0)
        #expect(outcome.notes.count == 1)
        let signed = try workplace.signet("sign", "shop", "--subject", "1", "--output", "json")
        #expect(signed.output.contains("\"key\":\"new\""))
    }

    @Test func gapCausedByRetiringIsReported() throws {
        let workplace = try Self.workplace(Self.until(2))
        let outcome = try workplace.signet("keys", "retire", "dg", "new")
        #expect(outcome.status == 0)
        #expect(
            outcome.notes.first?.hasPrefix(
                "signet: warning: without new, no key signs for the connection dg from \(Self.moment(2).prefix(10))T"
            ) == true, "\(outcome.errors)")
        // One that is there with it, too, is nothing new.
        let other = try Self.workplace(Self.until(2), Self.until(1)).signet("keys", "retire", "dg", "new")
        #expect(other.notes.count == 1)
    }

    @Test func retirementThatLeavesAnInvalidKeyIsRefused() throws {
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

    @Test func retirementThatLeavesNoSigningKeyIsRefused() throws {
        let outcome = try Self.workplace(Self.until(-2), Self.until(-1)).signet("keys", "retire", "dg", "old")
        #expect(outcome.status == 2)
        #expect(
            outcome.notes.first == "signet: error: without it, no key of the connection dg signs now")
    }

    @Test func keyOutsideItsTimeWindowIsNotPromoted() throws {
        for (window, error) in [
            (Self.until(-2), "new signed until \(Self.moment(-2).prefix(10))T"),
            (Self.from(2), "new does not sign yet: it signs from \(Self.moment(2).prefix(10))T"),
        ] {
            let workplace = try Self.workplace("", window)
            let before = try workplace.directory.text("signet.json")
            let outcome = try workplace.signet("keys", "promote", "dg", "new")
            #expect(outcome.status == 2)
            #expect(outcome.notes.first?.hasPrefix("signet: error: \(error)") == true, "\(outcome.errors)")
            #expect(try workplace.directory.text("signet.json") == before)
        }
    }

    @Test func keyThatSignsByItsTimeBecomesTheFirst() throws {
        let outcome = try Self.workplace(Self.until(-2)).signet("keys", "promote", "dg", "new")
        #expect(outcome.status == 0)
        #expect(outcome.output == "dg: new signed already and is now the first\n")
        #expect(outcome.notes.count == 1)
        #expect(outcome.notes.first?.hasSuffix("signet keys retire dg old") == true)
    }

    @Test func promotionOfAKeyThatWouldNotSignIsRefused() throws {
        let workplace = try Self.workplace(Self.from(2), "")
        let outcome = try workplace.signet("keys", "promote", "dg", "old")
        #expect(outcome.status == 2)
        #expect(outcome.notes.first?.hasPrefix("signet: error: old does not sign yet: it signs from ") == true)
    }
}

/// `signet serve` going over from one key to the next, by itself and at the second.
@Suite(.onThreads) struct ServedKeyWindowTests {
    /// A gateway with DG keys "old" and "new" and Talkative keys "ec-old" and "ec-new", each with further members.
    private static func gateway(old: String, new: String? = "") throws -> RunningGateway {
        try RunningGateway {
            text($0, old: old, new: new)
        } prepare: { directory in
            try directory.write(String(repeating: "e", count: 40), to: "keys/new.secret")
            for name in ["ec-old", "ec-new"] {
                _ = try Signet.run(["keys", "generate", name], in: directory)
            }
        }
    }

    private static func text(_ directory: ScratchDirectory, old: String, new: String?) -> String {
        let more = new.map { members in
            #","new": { "file": "keys/new.secret", "encoding": "utf8", "kid": "two"\#(members) }, "#
                + #""ec-new": { "file": "keys/ec-new.private.pem"\#(members) }"#
        }
        let keys = new == nil ? (#"["dg"]"#, #"["ec-old"]"#) : (#"["dg", "new"]"#, #"["ec-old", "ec-new"]"#)
        return RunningGateway.configuration(directory)
            .replacing(
                #""kid": "one" }"#,
                with: #""kid": "one"\#(old) }, "ec-old": { "file": "keys/ec-old.private.pem"\#(old) }\#(more ?? "")"#
            )
            .replacing(#""key": "dg""#, with: #""keys": \#(keys.0)"#)
            .replacing(
                #""connections": {"#,
                with: #""connections": { "talk": { "vendor": "talkative", "keys": \#(keys.1) },"#
            )
            .replacing(#""routes": {"#, with: #""routes": { "talk": { "connection": "talk" },"#)
    }

    private static func until(_ time: NumericDate) -> String { #", "notAfter": "\#(time.rfc3339)""# }

    private struct Badge {
        let issuedAt: NumericDate
        let token: String
    }

    /// A badge, or nothing where the answer is none.
    private static func answer(_ gateway: RunningGateway, _ route: String) throws -> Badge? {
        let answer = try gateway.badge(route)
        guard let value = (answer.json["badge"] as? [String: Any])?["value"] as? String,
            let issuedAt = (answer.json["issuedAt"] as? String).flatMap(NumericDate.init(rfc3339:))
        else { return nil }
        return Badge(issuedAt: issuedAt, token: value)
    }

    private static func badge(_ gateway: RunningGateway, _ route: String = "shop") throws -> Badge {
        try #require(try answer(gateway, route))
    }

    /// A gateway that is up some seconds before its old keys' time is over, with a badge of each; on a machine that is too busy for
    /// that, with more seconds.
    private static func early(
        new: String? = ""
    ) throws -> (gateway: RunningGateway, change: NumericDate, shop: Badge, talk: Badge) {
        for lead in [4, 15, 60, 120] as [Int64] {
            let change = NumericDate.now.advanced(by: lead)
            guard let gateway = try? gateway(old: until(change), new: new),
                let shop = try answer(gateway, "shop"), let talk = try answer(gateway, "talk"),
                max(shop.issuedAt, talk.issuedAt) < change
            else { continue }
            return (gateway, change, shop, talk)
        }
        throw RunningGateway.Failed(description: "the gateway was never up in time")
    }

    private static func keyID(of token: String) throws -> String? {
        try JSONReader.value(try Base64URL.decode(String(token.prefix { $0 != "." })))["kid"]?.string
    }

    @Test func keyChangesAtItsSecondWithoutAFailedRequest() throws {
        let (gateway, change, shop, talk) = try Self.early()
        var badges = [shop]
        while NumericDate.now < change.advanced(by: 2) { badges.append(try Self.badge(gateway)) }
        // However long the one before took.
        badges.append(try Self.badge(gateway))
        for badge in badges {
            #expect(try Self.keyID(of: badge.token) == (badge.issuedAt < change ? "one" : "two"))
        }
        #expect(badges.contains { $0.issuedAt >= change })

        let line = try gateway.event("key-switched")
        #expect(line["level"] as? String == "info")
        #expect(["dg-eu", "talk"].contains(line["connection"] as? String))
        #expect(gateway.log.contains { $0["event"] as? String == "reloaded" } == false)
        let metrics = try gateway.get("/metrics", admin: true).body
        #expect(metrics.contains(#"signet_signing_key_info{vendor_connection="dg-eu",key="new"} 1"#))
        #expect(!metrics.contains("signet_signing_ends_timestamp_seconds{"))

        // Both halves are published, before and after, and a token of either key verifies.
        let set = try gateway.get("/.well-known/jwks.json").json["keys"] as? [[String: Any]]
        #expect(set?.count == 2)
        let last = try Self.badge(gateway, "talk")
        for (badge, key) in [(talk, "ec-old"), (last, "ec-new")] {
            let pem = try gateway.get("/v1/keys/\(key)/public.pem").body
            try gateway.directory.write(pem, to: "\(key).pem")
            let arguments = ["verify", "--key", "\(key).pem", badge.token]
            #expect(try Signet.run(arguments, in: gateway.directory).status == 0)
            #expect(try Signet.run(["verify", "talk", badge.token], in: gateway.directory).status == 0)
        }
        for badge in [badges[0], badges[badges.count - 1]] {
            #expect(try Signet.run(["verify", "shop", badge.token], in: gateway.directory).status == 0)
        }
        // The record names the key that signed.
        let lines = try gateway.directory.text("audit.jsonl").split(separator: "\n")
        #expect(lines.contains { $0.contains(#""key":"dg""#) } && lines.contains { $0.contains(#""key":"new""#) })
    }

    @Test func gapBetweenKeysFailsRequestsAndIsLoggedBefore() throws {
        let (gateway, change, shop, _) = try Self.early(new: nil)
        let warning = try gateway.event("key-ends")
        #expect(warning["level"] as? String == "warning")
        #expect(warning["at"] as? String == change.rfc3339)
        #expect((warning["message"] as? String)?.hasPrefix("in less than a day nothing can sign") == true)
        #expect(
            try gateway.get("/metrics", admin: true).body.contains(
                #"signet_signing_ends_timestamp_seconds{vendor_connection="dg-eu"} \#(change.seconds)"#))
        let switched = try gateway.event("key-switched")
        #expect(switched["level"] as? String == "error")
        #expect(switched["to"] is NSNull)
        let answer = try gateway.badge()
        #expect(answer.status == 500)
        #expect(answer.json["code"] as? String == "no-signing-key")
        #expect(try gateway.badge("shop", #"{"anonymous":true}"#).status == 200)
        #expect(try Signet.run(["verify", "shop", shop.token], in: gateway.directory).status == 0)
        #expect(try Signet.run(["sign", "shop", "--subject", "1"], in: gateway.directory).status == 2)
    }

    @Test func reloadThatLeavesNoSigningKeyIsRefused() throws {
        let gateway = try Self.gateway(old: "")
        let past = Self.until(NumericDate.now.advanced(by: -60))
        try gateway.directory.write(Self.text(gateway.directory, old: past, new: past), to: "signet.json")
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first?.contains("none of its keys signs at this moment") == true, "\(problems ?? [])")
        #expect(try Self.keyID(of: Self.badge(gateway).token) == "one")
    }
}
