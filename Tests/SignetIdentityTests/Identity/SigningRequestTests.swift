import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Valid request bodies.
@Suite struct SigningRequestTests {
    private func request(_ json: String) throws -> SigningRequest {
        try SigningRequest(json: Array(json.utf8))
    }

    @Test func everyMemberIsRead() throws {
        let request = try request(
            #"""
            {"subject": "c/1", "email": "e", "name": "n\u00e9", "phone": "+44", "attributes": {"a": "1", "B-2": "x\ny"},
             "context": {"brand": "acme", "any name at all": ""}, "visitorId": "v", "sessionId": "s-1",
             "page": {"defer": true, "ongoing": "dg", "sessionId": "s-2"}}
            """#)
        let customer = try Customer(
            subject: "c/1", email: "e", name: "né", phone: "+44", attributes: ["a": "1", "B-2": "x\ny"])
        #expect(request.identity == .customer(customer))
        #expect(request.context == ["brand": "acme", "any name at all": ""])
        #expect(request.visitorID == "v")
        #expect(request.sessionID?.text == "s-1")
        #expect(request.page?.isDeferred == true)
        #expect(request.page?.ongoing == "dg")
        #expect(request.page?.sessionID?.text == "s-2")
    }

    @Test(arguments: [
        (#"{}"#, nil), (#" {"defer":true , "ongoing":"dg","sessionId":"s-2"}\n"#, "dg"),
        ("{\"ongoing\":\"\(String(repeating: "x", count: 4096 - 14))\"}", String(repeating: "x", count: 4096 - 14)),
    ])
    func pageAsTextEqualsPageAsObject(text: String, ongoing: String?) throws {
        let asText = JSONWriter.text(of: ["subject": "c", "page": .string(text.replacing("\\n", with: "\n"))])
        let asObject = #"{"subject":"c","page":\#(text.replacing("\\n", with: "\n"))}"#
        #expect(try request(asText).page == request(asObject).page)
        #expect(try request(asText).page?.ongoing == ongoing)
        #expect(try request(asText).page != nil)
    }

    @Test func emptyPageIsAbsent() throws {
        #expect(try request(#"{"subject": "c", "page": ""}"#).page == nil)
        #expect(try request(#"{"subject": "c", "page": "null"}"#).page == nil)
    }

    @Test func subjectAloneIsACustomer() throws {
        let request = try request(#"{"subject": "c"}"#)
        #expect(try request.identity == .customer(Customer(subject: "c")))
        #expect(request.context.isEmpty)
        #expect(request.visitorID == nil)
        #expect(request.sessionID == nil)
        #expect(request.page == nil)
    }

    @Test(arguments: [
        #"{"anonymous": true}"#, #"{"anonymous": true, "visitorId": "v", "sessionId": "s", "context": {}, "page": {}}"#,
    ])
    func anonymousRequestIsRead(json: String) throws {
        #expect(try request(json).identity == .anonymous)
    }

    @Test func anonymousFalseIsACustomer() throws {
        #expect(try request(#"{"anonymous": false, "subject": "c"}"#).identity == .customer(Customer(subject: "c")))
    }

    @Test func emptyOptionalsAreAbsent() throws {
        let request = try request(
            """
            {"subject": "c", "email": "", "attributes": {"a": ""}, "visitorId": "", "sessionId": "",
             "page": {"ongoing": "", "sessionId": ""}}
            """)
        #expect(try request.identity == .customer(Customer(subject: "c")))
        #expect(request.visitorID == nil)
        #expect(request.page?.isDeferred == false)
        #expect(request.page?.ongoing == nil)
        #expect(request.sessionID == nil)
        #expect(request.page?.sessionID == nil)
    }

    @Test(arguments: ["email", "name", "phone"])
    func emptyOptionalBesideAnonymousIsAbsent(name: String) throws {
        #expect(try request(#"{"anonymous": true, "\#(name)": ""}"#).identity == .anonymous)
    }

    @Test func pageAsEscapedStringEqualsPageAsObject() throws {
        let text = #"{\"defer\":true,\"ongoing\":\"dg\",\"sessionId\":\"s-2\"}"#
        let page = try request(#"{"subject": "c", "page": "\#(text)"}"#).page
        #expect(page == (try request(#"{"subject": "c", "page": \#(text.replacing(#"\""#, with: "\""))}"#).page))
        #expect(page?.ongoing == "dg")
    }

    @Test func pageOver4096BytesIsRefused() throws {
        let spaces = String(repeating: " ", count: 4094)
        #expect(try request(#"{"subject": "c", "page": "{}\#(spaces)"}"#).page != nil)
        let error = #expect(throws: SignetError.self) {
            try request(#"{"subject": "c", "page": "{}\#(spaces) "}"#)
        }
        #expect(error?.pointer == "/page")
        #expect(error?.memberFault == IdentityFault.tooLong.rawValue)
    }

    @Test func nullIsAbsent() throws {
        let customer = try request(
            #"""
            {"subject": "c", "email": null, "name": null, "phone": null, "attributes": {"a": null, "b": "1"}, "anonymous": null,
             "context": {"brand": null, "locale": "en"}, "visitorId": null, "sessionId": null,
             "page": {"defer": null, "ongoing": null, "sessionId": null}}
            """#)
        #expect(try customer.identity == .customer(Customer(subject: "c", attributes: ["b": "1"])))
        #expect(customer.context == ["locale": "en"])
        #expect(customer.visitorID == nil)
        #expect(customer.sessionID == nil)
        #expect(customer.page?.isDeferred == false)
        #expect(customer.page?.ongoing == nil)
        #expect(customer.page?.sessionID == nil)
        let bare = try request(#"{"subject": "c", "attributes": null, "context": null, "page": null}"#)
        #expect(try bare.identity == .customer(Customer(subject: "c")))
        #expect(bare.context.isEmpty)
        #expect(bare.page == nil)
        let anonymous = try request(
            #"{"anonymous": true, "subject": null, "email": null, "name": null, "phone": null, "attributes": null}"#)
        #expect(anonymous.identity == .anonymous)
    }

    @Test func identifiersKeepTheirBytes() throws {
        guard case .customer(let customer) = try request(#"{"subject": "e\u0301"}"#).identity else {
            Issue.record("a customer is expected")
            return
        }
        #expect(Array(customer.subject.utf8) == [0x65, 0xCC, 0x81])
    }

    @Test func printedRequestContainsNoValues() throws {
        let request = try request(
            #"""
            {"subject": "marker", "context": {"a": "marker"}, "visitorId": "marker", "sessionId": "marker",
             "page": {"ongoing": "marker", "sessionId": "marker"}}
            """#)
        for text in texts(of: request) { #expect(!text.contains("marker")) }
        #expect("\(request)" == "a request for a customer")
        #expect("\(SigningRequest(.anonymous))" == "a request for an anonymous visitor")
    }
}
