import SignetIdentity
import Testing

/// Finding the name that the user probably meant.
@Suite struct NearestNameTests {
    private static let names = ["subject", "email", "name", "phone", "attributes", "sessionId", "to"]

    @Test(arguments: [
        ("subject", "subject"), ("subjct", "subject"), ("sujbect", "subject"), ("SUBJECT", "subject"),
        ("emial", "email"), ("mail", "email"), ("nam", "name"), ("attribute", "attributes"), ("session", "sessionId"),
        ("t", "to"), ("ot", "to"),
    ])
    func nearestNameIsFound(name: String, nearest: String) {
        #expect(NearestName.to(name, among: Self.names) == nearest)
    }

    @Test(arguments: ["", "xyz", "customer", "sub", "e", "identity", "🦊"])
    func distantNameHasNoNearest(name: String) {
        #expect(NearestName.to(name, among: Self.names) == nil)
    }

    @Test(arguments: ["uk", "UK", "es", "u", "ca"])
    func twoLetterNameWithAnotherLetterHasNoNearest(name: String) {
        #expect(NearestName.to(name, among: ["eu", "us", "au"]) == (name == "u" ? "au" : nil))
        #expect(NearestName.hint(for: name, among: ["eu", "us", "au"])?.hasPrefix("valid: ") == (name != "u"))
    }

    @Test func firstInTheAlphabetWinsATie() {
        #expect(NearestName.to("cat", among: ["hat", "bat"]) == "bat")
    }

    @Test func hintIsTheNearestNameOrAShortList() {
        #expect(NearestName.hint(for: "emial", among: Self.names) == #"did you mean "email"?"#)
        #expect(NearestName.hint(for: "xyz", among: ["b", "a"]) == "valid: b, a")
        #expect(NearestName.hint(for: "xyz", among: []) == nil)
        #expect(NearestName.hint(for: "xyz", among: (0..<24).map { "name\($0)" })?.hasPrefix("valid: name0, ") == true)
        #expect(NearestName.hint(for: "xyz", among: (0..<25).map { "name\($0)" }) == nil)
    }

    @Test func longNameIsNotCompared() {
        let long = String(repeating: "x", count: 65)
        #expect(NearestName.to(long, among: [long]) == nil)
        #expect(NearestName.to(String(long.dropLast()), among: [long]) == long)
    }

    /// Counts the names that are read from the list.
    @Test(arguments: [(64, 64), (65, 0), (5_000, 0)])
    func longListIsNotSearched(length: Int, looks: Int) {
        var looked = 0
        let names = CountedNames(names: (0..<length).map { "route-\($0)" }) { looked += 1 }
        #expect((NearestName.to("route-x", among: names) == nil) == (looks == 0))
        #expect(looked == looks)
        looked = 0
        #expect((NearestName.hint(for: "route-x", among: names) == nil) == (looks == 0))
        #expect(looked == looks)
    }
}

/// Names that record each access.
private struct CountedNames: Collection {
    let names: [String]
    let onLook: () -> Void

    var startIndex: Int { names.startIndex }
    var endIndex: Int { names.endIndex }
    func index(after index: Int) -> Int { index + 1 }
    subscript(index: Int) -> String {
        onLook()
        return names[index]
    }
}
