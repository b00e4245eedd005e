import SignetIdentity
import Testing

/// The name that was probably meant.
@Suite struct NearestNameTests {
    private static let names = ["subject", "email", "name", "phone", "attributes", "sessionId", "to"]

    @Test(arguments: [
        ("subject", "subject"), ("subjct", "subject"), ("sujbect", "subject"), ("SUBJECT", "subject"),
        ("emial", "email"), ("mail", "email"), ("nam", "name"), ("attribute", "attributes"), ("session", "sessionId"),
        ("t", "to"), ("ot", "to"),
    ])
    func theNearestIsFound(name: String, nearest: String) {
        #expect(NearestName.to(name, among: Self.names) == nearest)
    }

    @Test(arguments: ["", "xyz", "customer", "sub", "e", "identity", "🦊"])
    func whatIsFarFromEverythingHasNone(name: String) {
        #expect(NearestName.to(name, among: Self.names) == nil)
    }

    @Test(arguments: ["uk", "UK", "es", "u", "ca"])
    func ofTwoLettersAnotherOneMakesAnotherName(name: String) {
        #expect(NearestName.to(name, among: ["eu", "us", "au"]) == (name == "u" ? "au" : nil))
        #expect(NearestName.hint(for: name, among: ["eu", "us", "au"])?.hasPrefix("valid: ") == (name != "u"))
    }

    @Test func ofTwoEquallyNearTheFirstInTheAlphabetIsTaken() {
        #expect(NearestName.to("cat", among: ["hat", "bat"]) == "bat")
    }

    @Test func theHintIsTheNearestOrAllWhileTheyAreFew() {
        #expect(NearestName.hint(for: "emial", among: Self.names) == #"did you mean "email"?"#)
        #expect(NearestName.hint(for: "xyz", among: ["b", "a"]) == "valid: b, a")
        #expect(NearestName.hint(for: "xyz", among: []) == nil)
        #expect(NearestName.hint(for: "xyz", among: (0..<24).map { "name\($0)" })?.hasPrefix("valid: name0, ") == true)
        #expect(NearestName.hint(for: "xyz", among: (0..<25).map { "name\($0)" }) == nil)
    }

    @Test func aLongNameIsComparedWithNothing() {
        let long = String(repeating: "x", count: 129)
        #expect(NearestName.to(long, among: [long]) == nil)
        #expect(NearestName.to(String(long.dropLast()), among: [long]) == long)
    }
}
