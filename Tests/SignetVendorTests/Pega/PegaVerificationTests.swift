import SignetIdentity
import Testing

/// Pega JWTs as Pega's server would check them. Each payload has a valid signature and one fault.
@Suite struct PegaVerificationTests {
    private static let session = TestVendor.session

    static let forSession: [HandWrittenToken] = [
        .init("a good one", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300}"#),
        .init("members in another order", #"{"exp":1800000300,"iat":1800000000,"iss":"\#(session)","x":[1]}"#),
        // The issuer.
        .init("iss of another session", #"{"iss":"other","iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init(
            "iss in upper case", #"{"iss":"\#(session.uppercased())","iat":1800000000,"exp":1800000300}"#,
            failing: ["iss"]),
        .init(
            "iss of the widget", #"{"iss":"\#(TestVendor.widgetID)","iat":1800000000,"exp":1800000300}"#,
            failing: ["iss"]),
        .init("iss empty", #"{"iss":"","iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss missing", #"{"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss a number", #"{"iss":1,"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss a list", #"{"iss":["\#(session)"],"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss null", #"{"iss":null,"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("another case of iss", #"{"Iss":"\#(session)","iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        // The moment of issue.
        .init("iat missing", #"{"iss":"\#(session)","exp":1800000300}"#, failing: ["iat"]),
        .init("iat a string", #"{"iss":"\#(session)","iat":"1800000000","exp":1800000300}"#, failing: ["iat"]),
        .init("iat null", #"{"iss":"\#(session)","iat":null,"exp":1800000300}"#, failing: ["iat"]),
        .init("iat with a fraction", #"{"iss":"\#(session)","iat":1799999999.5,"exp":1800000299}"#, warning: ["iat"]),
        .init(
            "iat with a zero fraction", #"{"iss":"\#(session)","iat":1800000000.0,"exp":1800000300}"#, warning: ["iat"]),
        .init("iat with an exponent", #"{"iss":"\#(session)","iat":18e8,"exp":1800000300}"#, warning: ["iat"]),
        .init(
            "iat in milliseconds", #"{"iss":"\#(session)","iat":1800000000000,"exp":1800000300}"#, failing: ["iat"]),
        .init("iat infinite", #"{"iss":"\#(session)","iat":1e400,"exp":1800000300}"#, failing: ["iat"]),
        .init("iat 30 seconds ahead", #"{"iss":"\#(session)","iat":1800000030,"exp":1800000300}"#),
        .init("iat 31 seconds ahead", #"{"iss":"\#(session)","iat":1800000031,"exp":1800000300}"#, failing: ["iat"]),
        .init(
            "iat at the end of time", #"{"iss":"\#(session)","iat":9223372036854775807}"#, failing: ["iat"],
            warning: ["exp"]),
        .init(
            "iat at the start of time", #"{"iss":"\#(session)","iat":-9223372036854775808}"#, failing: ["age"],
            warning: ["exp"]),
        .init(
            "iat beyond 64 bits", #"{"iss":"\#(session)","iat":9223372036854775808,"exp":1800000300}"#,
            failing: ["payload"]),
        // The age, which counts from iat and not from exp.
        .init("330 seconds old", #"{"iss":"\#(session)","iat":1799999670,"exp":1800000300}"#, warning: ["lifetime"]),
        .init(
            "331 seconds old", #"{"iss":"\#(session)","iat":1799999669,"exp":1800000300}"#, failing: ["age"],
            warning: ["lifetime"]),
        .init(
            "331 seconds old, no exp", #"{"iss":"\#(session)","iat":1799999669}"#, failing: ["age"], warning: ["exp"]),
        // The expiry.
        .init("exp absent", #"{"iss":"\#(session)","iat":1800000000}"#, warning: ["exp"]),
        .init("exp 29 seconds ago", #"{"iss":"\#(session)","iat":1799999900,"exp":1799999971}"#),
        .init("exp 30 seconds ago", #"{"iss":"\#(session)","iat":1799999900,"exp":1799999970}"#, failing: ["exp"]),
        .init("exp a string", #"{"iss":"\#(session)","iat":1800000000,"exp":"1800000300"}"#, failing: ["exp"]),
        .init("exp null", #"{"iss":"\#(session)","iat":1800000000,"exp":null}"#, failing: ["exp"]),
        .init("exp with a fraction", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300.5}"#, warning: ["exp"]),
        .init(
            "exp with a fraction in another minute", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000360.5}"#,
            warning: ["lifetime", "exp"]),
        .init(
            "exp in milliseconds", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300000}"#, failing: ["exp"],
            warning: ["lifetime"]),
        .init(
            "exp at the end of time", #"{"iss":"\#(session)","iat":1800000000,"exp":9223372036854775807}"#,
            failing: ["exp"], warning: ["lifetime"]),
        .init(
            "exp at the start of time", #"{"iss":"\#(session)","iat":1800000000,"exp":-9223372036854775808}"#,
            failing: ["exp"]),
        .init(
            "exp beyond 64 bits", #"{"iss":"\#(session)","iat":1800000000,"exp":18446744073709551616}"#,
            failing: ["payload"]),
        // Not before.
        .init("nbf 30 seconds ahead", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300,"nbf":1800000030}"#),
        .init(
            "nbf 31 seconds ahead", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300,"nbf":1800000031}"#,
            failing: ["nbf"]),
        .init(
            "nbf with a fraction", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300,"nbf":1800000030.5}"#,
            warning: ["nbf"]),
        .init(
            "nbf in milliseconds", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300,"nbf":1800000000000}"#,
            failing: ["nbf"]),
        .init(
            "nbf a string", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300,"nbf":"0"}"#, failing: ["nbf"]),
        // Payloads that are not an object of claims.
        .init("a list", #"["\#(session)"]"#, failing: ["claims"]),
        .init("a string", #""\#(session)""#, failing: ["claims"]),
        .init("no JSON", "\(session)", failing: ["payload"]),
        .init("nothing", "", failing: ["payload"]),
        .init(
            "iss twice", #"{"iss":"other","iss":"\#(session)","iat":1800000000,"exp":1800000300}"#,
            failing: ["payload"]),
    ]

    @Test func tokenForCreatingSessionsIsRefusedForTheWidgetIDAsSession() throws {
        let connection = try TestVendor.pega.connection()
        let context = SigningContext(time: Moment.fixed, session: .create)
        let token = try connection.sign(.anonymous, in: context).token.compact
        let asked = SessionPurpose.existing(try SessionID(TestVendor.widgetID))
        let report = connection.verify(token, in: VerificationContext(time: Moment.fixed, session: asked))
        #expect(report.names(.fail) == ["iss"])
    }

    @Test(arguments: forSession)
    func tokenForASessionIsChecked(token: HandWrittenToken) throws {
        try token.expect(of: .pega, session: TestVendor.pega.session())
    }

    static let forCreating: [HandWrittenToken] = [
        .init("iss of the widget", #"{"iss":"\#(TestVendor.widgetID)","iat":1800000000,"exp":1800000300}"#),
        .init("iss of a session", #"{"iss":"\#(session)","iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss of another widget", #"{"iss":"w","iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss missing", #"{"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
        .init("iss a number", #"{"iss":1,"iat":1800000000,"exp":1800000300}"#, failing: ["iss"]),
    ]

    @Test(arguments: forCreating)
    func tokenForCreatingASessionIsChecked(token: HandWrittenToken) throws {
        try token.expect(of: .pega, session: .create)
    }

    @Test(arguments: [session, TestVendor.widgetID])
    func verificationWithoutSessionRefusesEveryIssuer(issuer: String) throws {
        let token = HandWrittenToken("", #"{"iss":"\#(issuer)","iat":1800000000,"exp":1800000300}"#, failing: ["iss"])
        try token.expect(of: .pega, session: nil)
    }
}
