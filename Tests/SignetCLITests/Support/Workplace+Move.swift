import SignetTestSupport

extension Workplace {
    /// A workplace with one more route, `help`, in the middle of a move from DG to Talkative, or between others.
    static func moving(_ members: String, from: String = "dg-eu", to: String = "talkative-uk") throws -> Workplace {
        let move = #""moving": { "migrate": { "from": "dg-eu", "to": "talkative-uk", "stage": "off" } }"#
        let help = #""help": { "migrate": { "from": "\#(from)", "to": "\#(to)", \#(members) } }"#
        return try Workplace(configuration.replacing(move, with: help))
    }
}
