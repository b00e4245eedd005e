import SignetIdentity
import SignetJOSE
import Testing

/// DG tokens as DG's server would check them. Each payload has a valid signature and one fault.
@Suite struct DGVerificationTests {
    private static let times = #""iat":1800000000,"exp":1800000900"#

    static let tokens: [HandWrittenToken] = [
        .init("a good one", #"{"scope":"user","external_id":"customer-4711",\#(times)}"#),
        .init("with other claims", #"{"scope":"user","external_id":"customer-4711",\#(times),"name":"n"}"#),
        .init("scope missing", #"{"external_id":"customer-4711",\#(times)}"#, failing: ["scope"]),
        .init("another scope", #"{"scope":"admin","external_id":"customer-4711",\#(times)}"#, failing: ["scope"]),
        .init("scope in upper case", #"{"scope":"User","external_id":"customer-4711",\#(times)}"#, failing: ["scope"]),
        .init("scope with a space", #"{"scope":"user ","external_id":"customer-4711",\#(times)}"#, failing: ["scope"]),
        .init("scope a list", #"{"scope":["user"],"external_id":"customer-4711",\#(times)}"#, failing: ["scope"]),
        .init("external_id missing", #"{"scope":"user",\#(times)}"#, failing: ["external_id"]),
        .init("external_id empty", #"{"scope":"user","external_id":"",\#(times)}"#, failing: ["external_id"]),
        .init("external_id a number", #"{"scope":"user","external_id":4711,\#(times)}"#, failing: ["external_id"]),
        .init("external_id null", #"{"scope":"user","external_id":null,\#(times)}"#, failing: ["external_id"]),
        .init(
            "the seed's other spelling", #"{"scope":"user","externalId":"customer-4711",\#(times)}"#,
            failing: ["external_id"]),
        .init("iat absent", #"{"scope":"user","external_id":"c","exp":1800000900}"#, warning: ["iat"]),
        .init("iat a string", #"{"scope":"user","external_id":"c","iat":"0","exp":1800000900}"#, failing: ["iat"]),
        .init("iat ahead", #"{"scope":"user","external_id":"c","iat":1800000031,"exp":1800000900}"#, failing: ["iat"]),
        .init("exp absent", #"{"scope":"user","external_id":"c","iat":1800000000}"#, warning: ["exp"]),
        .init("neither", #"{"scope":"user","external_id":"c"}"#, warning: ["iat", "exp"]),
        .init(
            "exp 29 seconds ago", #"{"scope":"user","external_id":"c","iat":1700000000,"exp":1799999971}"#),
        .init(
            "exp 30 seconds ago", #"{"scope":"user","external_id":"c","iat":1700000000,"exp":1799999970}"#,
            failing: ["exp"]),
        .init("exp a string", #"{"scope":"user","external_id":"c","iat":1800000000,"exp":"9"}"#, failing: ["exp"]),
        .init("exp infinite", #"{"scope":"user","external_id":"c","iat":1800000000,"exp":1e400}"#, failing: ["exp"]),
        .init(
            "nbf 31 seconds ahead", #"{"scope":"user","external_id":"c",\#(times),"nbf":1800000031}"#,
            failing: ["nbf"]),
        .init("nbf 30 seconds ahead", #"{"scope":"user","external_id":"c",\#(times),"nbf":1800000030}"#),
        .init("a list", #"[{"scope":"user"}]"#, failing: ["claims"]),
        .init(
            "scope twice", #"{"scope":"admin","scope":"user","external_id":"c",\#(times)}"#, failing: ["payload"]),
        .init(
            "iat beyond 64 bits", #"{"scope":"user","external_id":"c","iat":99999999999999999999}"#,
            failing: ["payload"]),
    ]

    @Test(arguments: tokens)
    func authTokenIsChecked(token: HandWrittenToken) throws {
        try token.expect(of: .dg)
    }

    @Test func tokenWithoutKeyIDIsRefused() throws {
        let token = HandWrittenToken("", #"{"scope":"user","external_id":"c",\#(Self.times)}"#, failing: ["kid"])
        try token.expect(of: .dg, includesKeyID: false)
    }

    @Test(arguments: ["dg_live_2", "DG_LIVE_1", "", "dg_live_1 "])
    func otherKeyIDIsRefused(keyID: String) throws {
        let key = try HS256Key(secret: Fixtures.secret("dg.secret"), keyID: keyID)
        let token = try CompactJWSSigner(key: .hs256(key), type: "JWT").sign(
            Array(#"{"scope":"user","external_id":"c",\#(Self.times)}"#.utf8))
        let report = try TestVendor.dg.connection().verify(
            token, in: VerificationContext(time: Moment.fixed))
        #expect(report.names(.fail) == ["key-id"])
    }

    @Test func expiredTokenIsRefusedOnceTheSkewIsOver() throws {
        let connection = try TestVendor.dg.connection()
        let token = try TestVendor.dg.signed(by: connection).token.compact
        func isValid(_ seconds: Int64) -> Bool {
            connection.verify(token, in: VerificationContext(time: Moment.after(seconds))).isValid
        }
        #expect(isValid(-30) && isValid(0) && isValid(929))
        #expect(!isValid(-31) && !isValid(930))
    }
}
