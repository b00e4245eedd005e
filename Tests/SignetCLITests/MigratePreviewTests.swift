import SignetJOSE
import SignetTestSupport
import Testing

@Suite struct MigratePreviewTests {
    private static let lines = """
        {"subject":"MARKER-1","email":"MARKER-e","attributes":{"plan":"MARKER-p"}}
        {"subject":"MARKER-2","email":"MARKER-e","name":"MARKER-n"}
        {"subject":"MARKER-3"}
        {"anonymous":true,"visitorId":"MARKER-v"}
        {"anonymous":true}
        {"subject":"MARKER-4","page":{"ongoing":"talkative-uk"}}
        MARKER
        {"subject":"MARKER-5","MARKER@example.com":1}
        {"subject":"MARKER-6",
        {"subject":"MARKER-7","email":"MARKER-e","page":{"ongoing":"dg-eu"}}

        """

    @Test func previewCountsServedIdentitiesFieldsAndSides() throws {
        let workplace = try Workplace.migrating(
            #""stage": "shadow", "percent": 100, "pin": { "from": ["MARKER-2"] }"#)
        let outcome = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-"], input: Self.lines)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "")
        #expect(
            outcome.output == """
                help: dg-eu (dg) -> talkative-uk (talkative)
                  10  lines
                   5  customers
                   2  anonymous visitors
                   3  not an identity
                   5  can be served by talkative-uk
                   2  cannot be served by talkative-uk

                talkative-uk cannot serve:
                  2  identity-incomplete  Talkative field "Email" needs email  lines 3, 6

                Not an identity:
                  1  identity-malformed  not strict JSON: a value is expected here                         line 7
                  1  identity-malformed  there is no member of that name                                   line 8
                  1  identity-malformed  not strict JSON: a member name in double quotes is expected here  line 9

                Only talkative-uk receives, for so many customers:
                  3  email
                  1  attributes.plan

                In "live" at 100 %:
                  3  "to"    percent    talkative-uk cannot serve 1 of them
                  1  "to"    ongoing    talkative-uk cannot serve 1 of them
                  1  "from"  pin
                  1  "from"  ongoing
                  1  "from"  anonymous

                """)
        let json = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-", "--output", "json"], input: Self.lines)
        #expect(json.status == 1)
        #expect(!(outcome.output + json.output).contains("MARKER"))
        let figures = try JSONReader.value(json.output.utf8)
        #expect(
            figures.members?.map(\.name) == [
                "route", "from", "to", "lines", "customers", "anonymous", "served", "refused", "malformed", "refusals",
                "malformedLines", "fields", "percent", "sides",
            ])
        #expect(
            figures["refusals"] == [
                [
                    "code": "identity-incomplete", "reason": #"Talkative field "Email" needs email"#, "count": 2,
                    "lines": [3, 6],
                ]
            ])
        #expect(
            figures["fields"] == [
                "lost": [],
                "gained": [
                    ["source": "email", "customers": 3], ["source": "attributes.plan", "customers": 1],
                ],
            ])
        #expect(figures["sides"]?.array?.first == ["side": "to", "reason": "percent", "requests": 3, "refused": 1])
    }

    @Test func fieldsOnlyTheOldVendorReceivesAreLost() throws {
        let workplace = try Workplace.migrating(#""stage": "off""#, from: "talkative-uk", to: "dg-eu")
        let outcome = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-", "--output", "json"], input: Self.lines)
        let json = try JSONReader.value(outcome.output.utf8)
        #expect(
            json["fields"] == [
                "lost": [
                    ["source": "email", "customers": 3], ["source": "attributes.plan", "customers": 1],
                ], "gained": [],
            ])
        #expect(json["refused"] == 0)
    }

    /// Where nothing is missing, nothing is said, and it is done.
    @Test func everyLineServedHasStatusZero() throws {
        let workplace = try Workplace.migrating(#""stage": "off""#, from: "dg-eu", to: "pega-us")
        let outcome = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-"], input: "{\"subject\":\"1\"}\n{\"anonymous\":true}\n")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("pega-us"))
        #expect(!outcome.output.contains("cannot serve:"))
    }

    @Test func bothPegaCallsArePreparedAndNoneIsMade() throws {
        let text = Workplace.configuration.replacing(
            #""widgetId": "4d88d63c", "key": "pega""#,
            with: #"""
                "widgetId": "4d88d63c", "key": "pega", "create": { "customerId": "attributes.account" },
                "privateData": { "mail": "email" }
                """#)
        let workplace = try Workplace(
            text.replacing(
                Workplace.migratingRoute, with: Workplace.migratingRoute.replacing("talkative-uk", with: "pega-us")))
        let outcome = try workplace.signet(
            ["migrate", "preview", "moving", "--identities", "-", "--output", "json"],
            input: """
                {"subject":"1","email":"e","attributes":{"account":"a"}}
                {"subject":"1","email":"e"}
                {"subject":"1","attributes":{"account":"a"}}
                {"subject":"1","email":"e","attributes":{"account":"a"},"page":{"sessionId":"s"}}
                {"anonymous":true}
                """)
        let refusals = try #require(try JSONReader.value(outcome.output.utf8)["refusals"]?.array)
        #expect(
            refusals.compactMap { $0["reason"]?.string } == [
                #"Pega create "customerId" needs attributes.account"#, #"Pega private data "mail" needs email"#,
                "this connection does not accept a session id from a page",
            ])
        #expect(refusals.map { $0["lines"] } == [[2], [3], [4]])
    }

    /// A token is put together without its ES256 signature, and still is too large at the same byte.
    @Test func previewRefusesWhatSignRefuses() throws {
        let workplace = try Workplace.migrating(#""stage": "complete""#)
        let lines = (12_000..<12_300).map { length in
            "{\"subject\":\"1\",\"email\":\"e\",\"attributes\":{\"plan\":\"\(String(repeating: "p", count: length))\"}}\n"
        }.joined()
        let signed = try workplace.signet(["sign", "help", "--batch", "-"], input: lines)
        let refused = signed.lines.count { $0.contains("token-too-large") }
        #expect((1..<300).contains(refused))
        let preview = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-", "--output", "json"], input: lines)
        #expect(try JSONReader.value(preview.output.utf8)["refused"]?.integer == Int64(refused))
    }

    @Test(arguments: ["0", "5", "50", "99.999", "100"])
    func previewSidesEqualThoseOfExplain(percent: String) throws {
        let workplace = try Workplace.migrating("\"stage\": \"live\", \"percent\": \(percent)")
        let subjects = (0..<20).map(String.init)
        let moved = try subjects.count { subject in
            try workplace.signet("explain", "help", "--subject", subject).output.contains("side \"to\"")
        }
        let input = subjects.map { "{\"subject\":\"\($0)\",\"email\":\"e\"}\n" }.joined()
        try workplace.directory.write(
            try workplace.directory.text("signet.json").replacing("\"percent\": \(percent)", with: "\"percent\": 7"),
            to: "other.json")
        // The percentage of the route, and the one that is asked for.
        for arguments in [[], ["-c", "other.json", "--percent", percent]] {
            let outcome = try workplace.signet(
                ["migrate", "preview", "help", "--identities", "-", "--output", "json"] + arguments, input: input)
            #expect(outcome.status == 0)
            let sides = try #require(try JSONReader.value(outcome.output.utf8)["sides"]?.array)
            let counts = Dictionary(
                uniqueKeysWithValues: sides.map { ($0["side"]?.string ?? "", $0["requests"]?.integer ?? 0) })
            #expect(counts["to", default: 0] == Int64(moved))
            #expect(counts["from", default: 0] == Int64(20 - moved))
        }
    }

    @Test func hundredReasonsAreSeparateAndTheRestIsCounted() throws {
        let workplace = try Workplace.migrating(#""stage": "off""#)
        let lines = (1...700).map { "{\"subject\":\"1\",\"attributes\":{\"a\(($0 - 1) % 150)\":\"\\u0001\"}}\n" }
        let long = String(repeating: " ", count: 70_000)
        let outcome = try workplace.signet(
            ["migrate", "preview", "help", "--identities", "-", "--output", "json"], input: lines.joined() + long)
        let groups = try #require(try JSONReader.value(outcome.output.utf8)["malformedLines"]?.array)
        #expect(groups.count == 101)
        #expect(groups.compactMap { $0["count"]?.integer }.reduce(0, +) == 701)
        #expect(
            groups[0] == [
                "code": "other", "reason": "other reasons", "count": 201, "lines": [101, 102, 103, 104, 105],
            ])
        #expect(groups[1]["lines"] == [1, 151, 301, 451, 601])
    }

    @Test func lineOver64KiBIsReported() throws {
        let outcome = try Workplace.migrating(#""stage": "off""#).signet(
            ["migrate", "preview", "help", "--identities", "-"], input: String(repeating: " ", count: 70_000))
        #expect(outcome.output.contains("  1  line-too-long  the line is longer than 65536 bytes  line 1\n"))
        #expect(outcome.status == 1)
    }

    /// Not under a sanitizer, which keeps what is freed.
    @Test(.enabled(if: !Sanitizer.isActive)) func memoryDoesNotGrowWithTheInput() throws {
        let workplace = try Workplace.migrating(#""stage": "live", "percent": 50"#)
        let signet = try Coprocess(["migrate", "preview", "help", "--identities", "-"], in: workplace.directory)
        // A pipe takes 64 KiB, so what was written has been read but for that.
        func feed(_ numbers: Range<Int>) throws -> Int {
            for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1000) {
                try signet.write(
                    (start..<(start + 1000)).flatMap {
                        Array("{\"subject\":\"\($0)\",\"email\":\"ada@example.com\"}\n".utf8)
                    })
            }
            return try signet.peakMemory()
        }
        let early = try feed(0..<30_000)
        let late = try feed(30_000..<120_000)
        #expect(early > 0)
        #expect(late < early + 8 * 1024, "\(early) KiB after 30,000 lines, \(late) KiB after 120,000")
        #expect(late < 64 * 1024)
        #expect(try signet.finish() == 0)
    }

    @Test func progressIsShownOnlyOnATerminal() throws {
        let workplace = try Workplace.migrating(#""stage": "off""#)
        try workplace.directory.write(String(repeating: "{\"subject\":\"1\"}\n", count: 200), to: "ids")
        #expect(try workplace.signet("migrate", "preview", "help", "--identities", "ids").errors == "")
        let terminal = try Terminal()
        let status = try terminal.run(["migrate", "preview", "help", "--identities", "ids"], in: workplace.directory)
        #expect(status == 1)
        #expect(try terminal.text().contains("200 lines, 200 failed, "))
    }

    /// An export that failed is no pass.
    @Test(arguments: ["", "\n"])
    func inputWithoutIdentitiesHasStatusOne(text: String) throws {
        let workplace = try Workplace.migrating(#""stage": "off""#)
        try workplace.directory.write(text, to: "ids")
        for more in [[], ["--output", "json"]] {
            let outcome = try workplace.signet(["migrate", "preview", "help", "--identities", "ids"] + more)
            #expect(outcome.status == 1)
            #expect(text.isEmpty == outcome.notes.contains("signet: error: ids holds no identity"))
        }
    }

    @Test func standardInputForTwoFilesIsRefused() throws {
        let workplace = try Workplace.migrating(#""stage": "off""#)
        for arguments in [["preview", "help", "--identities", "-"], ["report", "help", "-"]] {
            let outcome = try workplace.signet(
                ["migrate"] + arguments + ["-c", "-"], input: try workplace.directory.text("signet.json"))
            #expect(outcome.status == 2)
            #expect(outcome.notes.first == "signet: error: standard input can be read only once")
        }
    }
}
