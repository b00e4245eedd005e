import Foundation
import SignetIdentity
import SignetJOSE
import SignetTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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

    @Test func itGoesOverAtTheSecondWithoutAFailedRequest() throws {
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

    @Test func inAGapRequestsFailAndTheLogHasWarned() throws {
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

    @Test func aReloadAfterWhichNothingCouldSignIsRefused() throws {
        let gateway = try Self.gateway(old: "")
        let past = Self.until(NumericDate.now.advanced(by: -60))
        try gateway.directory.write(Self.text(gateway.directory, old: past, new: past), to: "signet.json")
        let problems = try gateway.event("reload-failed")["problems"] as? [String]
        #expect(problems?.first?.contains("none of its keys signs at this moment") == true, "\(problems ?? [])")
        #expect(try Self.keyID(of: Self.badge(gateway).token) == "one")
    }
}
