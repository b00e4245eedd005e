import SignetTestSupport
import Testing

/// What starts a program may have closed descriptors 0, 1 or 2. No file that is opened later may get their numbers.
@Suite(.onThreads) struct ClosedDescriptorTests {
    @Test(arguments: ["0<&-", "1>&-", "2>&-", "0<&- 2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"])
    func closedDescriptorsDoNotCorruptTheAudit(closed: String) throws {
        let directory = try ScratchDirectory()
        try directory.write(Array(repeating: UInt8(ascii: "k"), count: 40), to: "keys/log.secret")
        try directory.write(Array(repeating: UInt8(ascii: "d"), count: 40), to: "keys/dg.secret")
        try directory.write(RunningGateway.configuration(directory), to: "signet.json")
        let line = """
            "$SIGNET" serve </dev/null >/dev/null 2>log \(closed) & gateway=$!
            for i in {1..6000}; do
              curl -s --max-time 20 --unix-socket a http://localhost/health/ready >ready && break; sleep 0.01
            done
            cat ready; echo
            for number in 0 1 2; do readlink /proc/$gateway/fd/$number; done
            curl -s --max-time 20 --unix-socket s -H 'Authorization: Bearer \(RunningGateway.token)' \
              -o badge -w '%{http_code}\\n' --json '{"subject":"4711"}' http://localhost/v1/routes/shop/badge
            kill -TERM $gateway; wait $gateway; echo $?
            "$SIGNET" audit verify audit.jsonl >verified; echo $?
            """
        let outcome = try Signet.shell(line, in: directory)
        let errors = closed.contains("2>") ? "/dev/null" : directory.path("log")
        #expect(
            outcome.lines == [#"{"status":"ready"}"#, "/dev/null", "/dev/null", errors, "200", "0", "0"],
            "\(outcome.output) \(outcome.errors)")
        #expect(try directory.text("audit.jsonl").split(separator: "\n").count == 1)
    }

    @Test func closedDescriptorsDoNotCorruptAKeyFile() throws {
        let directory = try ScratchDirectory()
        let line = """
            "$SIGNET" keys generate a --algorithm hs256 0<&- 1>&- 2>&-; echo $?
            "$SIGNET" keys generate a --algorithm hs256 0<&- 1>&- 2>&-; echo $?
            """
        #expect(try Signet.shell(line, in: directory).lines == ["0", "2"])
        #expect(try directory.text("keys/a.secret").utf8.count == 43 + 1)
    }

    /// /dev/null takes everything and gives nothing: a result that nobody can get is a failure all the same.
    @Test(arguments: ["sign dg --subject 1 1>&-", "sign dg --identity - 0<&-", "sign dg --batch - 0<&-"])
    func closedInputOrOutputIsAFailure(arguments: String) throws {
        let outcome = try Signet.shell("\"$SIGNET\" \(arguments)", in: try Workplace().directory)
        #expect(outcome.status == 3, "\(outcome.errors)")
        #expect(outcome.errors.contains("signet: error: standard "))
    }
}
