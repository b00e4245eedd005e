import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Valid and refused customers.
@Suite struct CustomerTests {
    @Test(arguments: [1, 2, 255, 256])
    func subjectsOfUpTo256BytesAreAccepted(length: Int) throws {
        #expect(try Customer(subject: String(repeating: "x", count: length)).subject.utf8.count == length)
    }

    @Test(arguments: [
        ("", IdentityFault.empty), (String(repeating: "x", count: 257), .tooLong),
        (String(repeating: "é", count: 129), .tooLong),
    ])
    func otherSubjectsAreRefused(subject: String, kind: IdentityFault) {
        let error = #expect(throws: SignetError.self) { try Customer(subject: subject) }
        #expect(error?.memberFault == kind.rawValue)
        #expect(error?.pointer == "/subject")
    }

    @Test func limitCountsBytes() throws {
        #expect(try Customer(subject: String(repeating: "é", count: 128)).subject.utf8.count == 256)
    }

    @Test(arguments: controlCharacters)
    func controlCharactersAreRefusedEverywhere(control: String) throws {
        let marked = "marker\(control)marker"
        let attempts: [(pointer: String, make: () throws -> Customer)] = [
            ("/subject", { try Customer(subject: marked) }),
            ("/email", { try Customer(subject: "c", email: marked) }),
            ("/name", { try Customer(subject: "c", name: marked) }),
            ("/phone", { try Customer(subject: "c", phone: marked) }),
        ]
        for (pointer, make) in attempts {
            let error = try #require(throws: SignetError.self) { try make() }
            #expect(error.memberFault == IdentityFault.controlCharacter.rawValue)
            #expect(error.pointer == pointer)
            #expect(!texts(of: error).contains { $0.contains("marker") })
        }
    }

    @Test(arguments: controlCharacters)
    func attributesMayHaveLineBreaksAndTabsAndNoOtherControlCharacters(control: String) throws {
        let make = { try Customer(subject: "c", attributes: ["note": "marker\(control)"]) }
        guard !["\n", "\r", "\t"].contains(control) else {
            #expect(try make().attributes["note"] == "marker\(control)")
            return
        }
        let error = try #require(throws: SignetError.self) { try make() }
        #expect(error.memberFault == IdentityFault.controlCharacter.rawValue)
        #expect(error.pointer == "/attributes/note")
        #expect(!texts(of: error).contains { $0.contains("marker") })
    }

    @Test func carriageReturnAndLineFeedTogetherAreALineBreak() throws {
        #expect(try Customer(subject: "c", attributes: ["note": "a\r\nb"]).attributes["note"] == "a\r\nb")
        let error = #expect(throws: SignetError.self) { try Customer(subject: "a\r\nb") }
        #expect(error?.memberFault == IdentityFault.controlCharacter.rawValue)
    }

    @Test func emptyOptionalIsAbsent() throws {
        let customer = try Customer(subject: "c", email: "", name: "", phone: "", attributes: ["a": "", "b": "c"])
        #expect(customer.email == nil)
        #expect(customer.name == nil)
        #expect(customer.phone == nil)
        #expect(customer.attributes == ["b": "c"])
        #expect(try customer == Customer(subject: "c", attributes: ["b": "c"]))
    }

    @Test(arguments: ["a", "Z", "a0", "a_b-c", "A" + String(repeating: "x", count: 63)])
    func validAttributeNamesAreAccepted(name: String) throws {
        #expect(try Customer(subject: "c", attributes: [name: "v"]).attributes[name] == "v")
    }

    @Test(arguments: [
        "", "0a", "_a", "-a", "a.b", "a b", "a/b", "é", "aé", "a\u{301}", "a\n", "a\u{0}", "@", "[", "`", "{",
        "A" + String(repeating: "x", count: 64),
    ])
    func otherAttributeNamesAreRefused(name: String) {
        for value in ["v", ""] {
            let error = #expect(throws: SignetError.self) { try Customer(subject: "c", attributes: [name: value]) }
            #expect(error?.memberFault == IdentityFault.attributeName.rawValue)
            #expect(error?.pointer == "/attributes")
        }
    }

    @Test func customersAreComparedByteForByte() throws {
        func customer(_ text: String) throws -> [Customer] {
            [
                try Customer(subject: text), try Customer(subject: "c", email: text),
                try Customer(subject: "c", name: text), try Customer(subject: "c", phone: text),
                try Customer(subject: "c", attributes: ["a": text]),
            ]
        }
        for (composed, decomposed) in zip(try customer("\u{E9}"), try customer("e\u{301}")) {
            #expect(composed != decomposed)
            #expect(composed == composed)
            #expect(Identity.customer(composed) != .customer(decomposed))
        }
        #expect(try Customer(subject: "c", attributes: ["a": "1"]) != Customer(subject: "c", attributes: ["b": "1"]))
        #expect(try Customer(subject: "c", attributes: ["a": "1"]) != Customer(subject: "c"))
    }

    @Test func printedCustomerContainsNoValues() throws {
        let customer = try Customer(
            subject: "marker", email: "marker", name: "marker", phone: "marker", attributes: ["marker": "marker"])
        for text in texts(of: customer) + texts(of: Identity.customer(customer)) {
            #expect(!text.contains("marker"))
        }
    }
}
