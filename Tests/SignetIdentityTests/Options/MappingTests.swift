import SignetIdentity
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

/// Sources and mapped values.
@Suite struct MappingTests {
    static let sources: [(text: String, source: Source)] = [
        ("subject", .subject), ("email", .email), ("name", .name), ("phone", .phone), ("issuedAt", .issuedAt),
        ("requestId", .requestID), ("route", .route), ("attributes.package", .attribute("package")),
        ("attributes.a_B-9", .attribute("a_B-9")),
    ]

    @Test(arguments: sources)
    func sourcesRoundTrip(text: String, source: Source) {
        #expect(Source(text) == source)
        #expect(source.text == text)
    }

    @Test func everyListedNameIsASource() {
        for name in Source.names { #expect(Source(name) != nil) }
    }

    @Test func valuesComeFromTheirSource() throws {
        let customer = try Customer(subject: "s", email: "e", name: "n", phone: "p", attributes: ["package": "k"])
        let context = SigningContext(time: NumericDate(seconds: 1_800_000_000), requestID: "r", route: "o")
        let expected = ["s", "e", "n", "p", "2027-01-15T08:00:00Z", "r", "o", "k", nil]
        #expect(Self.sources.map { $0.source.value(for: customer, in: context) } == expected)
        let nobody = try Customer(subject: "s")
        for absent in [Source.email, .name, .phone, .attribute("package"), .route] {
            #expect(absent.value(for: nobody, in: SigningContext(route: nil)) == nil)
        }
    }

    @Test(arguments: [
        (#""subject""#, MappedValue.from(.subject)), (#"{"from": "email"}"#, .from(.email, required: true)),
        (#"{"from": "email", "required": true}"#, .from(.email)),
        (#"{"from": "email", "required": false}"#, .from(.email, required: false)),
        (#"{"value": "text"}"#, .literal("text")), (#"{"value": "subject"}"#, .literal("subject")),
        (#"{"label": "A", "from": "attributes.x"}"#, .from(.attribute("x"))),
    ])
    func mappedValuesAreRead(json: String, value: MappedValue) throws {
        #expect(MappedValue(try JSONReader.value(json.utf8)) == value)
    }

    @Test(arguments: [
        #""id""#, "{}", #"{"from": "id"}"#, #"{"from": 1}"#, #"{"value": 1}"#, "[]", "null", "1",
        #"{"required": true}"#,
    ])
    func otherJSONIsNotAMappedValue(json: String) throws {
        #expect(MappedValue(try JSONReader.value(json.utf8)) == nil)
    }

    @Test func missingOptionalValueIsAbsentAndMissingRequiredValueIsRefused() throws {
        let customer = try Customer(subject: "marker")
        let context = SigningContext(route: nil)
        #expect(try MappedValue.from(.email, required: false).value(for: customer, in: context, place: "P") == nil)
        #expect(try MappedValue.literal("x").value(for: customer, in: context, place: "P") == "x")
        #expect(try MappedValue.from(.subject).value(for: customer, in: context, place: "P") == "marker")
        let lacks: [(Source, String?)] = [
            (.email, "/email"), (.name, "/name"), (.phone, "/phone"), (.attribute("a-b"), "/attributes/a-b"),
            (.route, nil),
        ]
        for (source, pointer) in lacks {
            let error = try #require(throws: SignetError.self) {
                try MappedValue.from(source).value(for: customer, in: context, place: "the place")
            }
            #expect(error.isFault(SigningFault.incomplete))
            #expect(error.pointer == pointer)
            #expect(error.reason == "the place needs \(source.text)")
            #expect(!texts(of: error).contains { $0.contains("marker") })
        }
    }
}
