import SignetTestSupport

extension Workplace {
    /// The route of the configuration that is in a move, as it stands there.
    static let move = #""moving": { "migrate": { "from": "dg-eu", "to": "talkative-uk", "stage": "off" } }"#

    /// A workplace with another route in its place, `help`, in the middle of a move from DG to Talkative, or between others.
    static func moving(_ members: String, from: String = "dg-eu", to: String = "talkative-uk") throws -> Workplace {
        let help = #""help": { "migrate": { "from": "\#(from)", "to": "\#(to)", \#(members) } }"#
        return try Workplace(configuration.replacing(move, with: help))
    }
}
