import SignetIdentity
import SignetJOSE
import Testing

/// Interaction data as Talkative's server would check it. Each payload has a valid signature and one fault.
@Suite struct TalkativeVerificationTests {
    static let tokens: [HandWrittenToken] = [
        .init("a good one", #"[{"label":"A","data":"customer-4711","type":"string"}]"#),
        .init("members in another order", #"[{"type":"string","data":"d","label":"A"}]"#),
        .init("an empty string", #"[{"label":"A","data":"","type":"string"}]"#),
        .init("no entries", "[]", warning: ["array"]),
        .init(
            "a label twice", #"[{"label":"A","data":"1","type":"string"},{"label":"A","data":"2","type":"string"}]"#,
            warning: ["labels"]),
        .init(
            "labels that differ in their bytes alone",
            "[{\"label\":\"\u{E9}\",\"data\":\"1\",\"type\":\"string\"},{\"label\":\"e\u{301}\",\"data\":\"2\",\"type\":\"string\"}]"
        ),
        .init("an object", #"{"label":"A","data":"d","type":"string"}"#, failing: ["array"]),
        .init("an object of claims", #"{"iss":"customer-4711","iat":1800000000}"#, failing: ["array"]),
        .init("a string", #""customer-4711""#, failing: ["array"]),
        .init("null", "null", failing: ["array"]),
        .init("an entry that is a string", #"["customer-4711"]"#, failing: ["entries"]),
        .init("an entry that is a list", #"[["label","data","string"]]"#, failing: ["entries"]),
        .init("an entry of nothing", "[{}]", failing: ["entries"]),
        .init("label missing", #"[{"data":"d","type":"string"}]"#, failing: ["entries"]),
        .init("data missing", #"[{"label":"A","type":"string"}]"#, failing: ["entries"]),
        .init("type missing", #"[{"label":"A","data":"d"}]"#, failing: ["entries"]),
        .init("a member too many", #"[{"label":"A","data":"d","type":"string","x":"y"}]"#, failing: ["entries"]),
        .init("label a number", #"[{"label":1,"data":"d","type":"string"}]"#, failing: ["entries"]),
        .init("data a number", #"[{"label":"A","data":4711,"type":"string"}]"#, failing: ["entries"]),
        .init("data null", #"[{"label":"A","data":null,"type":"string"}]"#, failing: ["entries"]),
        .init("data an object", #"[{"label":"A","data":{},"type":"string"}]"#, failing: ["entries"]),
        .init("type a number", #"[{"label":"A","data":"d","type":1}]"#, failing: ["entries"]),
        .init("another type", #"[{"label":"A","data":"1","type":"number"}]"#, failing: ["entries"]),
        .init("type in upper case", #"[{"label":"A","data":"d","type":"String"}]"#, failing: ["entries"]),
        .init("type empty", #"[{"label":"A","data":"d","type":""}]"#, failing: ["entries"]),
        .init("another case of label", #"[{"Label":"A","data":"d","type":"string"}]"#, failing: ["entries"]),
        .init(
            "the second entry", #"[{"label":"A","data":"d","type":"string"},{"label":"B"}]"#, failing: ["entries"]),
        .init("data twice", #"[{"label":"A","data":"d","data":"e","type":"string"}]"#, failing: ["payload"]),
        .init("type twice", #"[{"label":"A","data":"d","type":"string","type":"string"}]"#, failing: ["payload"]),
        .init("the comma of the seed's sample", #"[{"label":"A","data":"d","type":"string"},]"#, failing: ["payload"]),
        .init("half of a surrogate pair", #"[{"label":"A","data":"\ud800","type":"string"}]"#, failing: ["payload"]),
        .init("no JSON", "customer-4711", failing: ["payload"]),
    ]

    @Test(arguments: tokens)
    func interactionDataIsChecked(token: HandWrittenToken) throws {
        try token.expect(of: .talkative)
    }

    @Test(arguments: [
        (#"[{"label":"A","data":"d","type":"string"},{"label":"B","type":"string"}]"#, #"entry 2 has no "data""#),
        (#"["label"]"#, "entry 1 is not an object"),
        (#"[{"label":"A","data":1,"type":"string"}]"#, #"entry 1 has a "data" that is not a string"#),
        (#"[{"label":"A","data":"d","type":"text"}]"#, #"entry 1 has another type than "string""#),
    ])
    func faultyEntryIsNumbered(payload: String, detail: String) throws {
        let token = try CompactJWSSigner(key: TestVendor.talkative.key()).sign(Array(payload.utf8))
        let report = try TestVendor.talkative.connection().verify(token, in: VerificationContext())
        #expect(report.failure?.detail == detail)
    }

    @Test func interactionDataNeverExpires() throws {
        let connection = try TestVendor.talkative.connection()
        let token = try TestVendor.talkative.signed(by: connection).token.compact
        for seconds in [-4_000_000_000, 0, 4_000_000_000] as [Int64] {
            #expect(connection.verify(token, in: VerificationContext(time: Moment.after(seconds))).isValid)
        }
    }
}
