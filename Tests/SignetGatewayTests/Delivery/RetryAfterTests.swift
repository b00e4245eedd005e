import SignetGateway
import SignetIdentity
import Testing

/// The `Retry-After` header field, in its two forms.
@Suite struct RetryAfterTests {
    private let now = NumericDate(seconds: 784_111_777)

    @Test(arguments: [
        ("0", 0), ("7", 7), (" 120\t", 120), ("007", 7), ("86400", 86_400), ("86401", 86_400),
        ("99999999999999999999999", 86_400), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("Fri, 06 Nov 2054 08:49:37 GMT", 86_400),
    ])
    func readable(text: String, seconds: Int64) {
        #expect(RetryAfter.seconds(text, at: now) == seconds)
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "1s", "soon", "٣", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT ",
        "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
    ])
    func unreadable(text: String) {
        #expect(RetryAfter.seconds(text, at: now) == nil)
    }
}
