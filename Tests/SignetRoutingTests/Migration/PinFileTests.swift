import SignetIdentity
import SignetJOSE
import SignetKit
import SignetRouting
import SignetTestSupport
import Testing

/// Files of pinned subjects: their form, and when they are read.
@Suite struct PinFileTests {
    private static let connections = #""dg":{"vendor":"dg","key":"dg"},"two":{"vendor":"dg","key":"dg"}"#

    private static func folder(_ stage: String, _ pin: String) throws -> KeyFolder {
        let route =
            #""help":{"migrate":{"from":"dg","to":"two","stage":"\#(stage)","percent":0,"pin":{\#(pin)}}}"#
        return try KeyFolder(Reading.text(connections: connections, routes: route))
    }

    private static let both = #""to":{"file":"go.txt"},"from":{"file":"stay.txt"}"#

    private static func lines(_ folder: KeyFolder, pins: PinScope = .inForce) -> String {
        do {
            let configuration = try Configuration.read(
                folder.scratch.path("signet.json"), plugins: .builtIn, pins: pins)
            return folder.lines(configuration.warnings)
        } catch {
            return folder.lines(error.diagnostics)
        }
    }

    // MARK: The list

    @Test func listHoldsItsLinesByteForByte() throws {
        let list = try PinList(Array("one\r\n\n two\ncaf\u{E9}\none\nlast".utf8))
        #expect(list.count == 4)
        #expect([" two", "caf\u{E9}", "one", "last"].map(list.line(of:)) == [3, 4, 1, 6])
        for other in ["two", "on", "onee", "cafe\u{301}", "", "one\r", "One"] { #expect(!list.contains(other)) }
        #expect(try PinList([]).contains("one") == false)
    }

    @Test func longListFindsEveryLine() throws {
        let list = try PinList(Array((0..<20_000).map { "customer-\($0)\n" }.joined().utf8))
        #expect(list.count == 20_000)
        #expect((0..<20_000).allSatisfy { list.contains("customer-\($0)") })
        #expect(list.line(of: "customer-19999") == 20_000)
        #expect(!list.contains("customer-20000"))
    }

    @Test(arguments: [
        ("a\nb\u{7}\n", 2, "subject holds a control character"), ("a\u{85}", 1, "subject holds a control character"),
        ("\n\na\rb", 3, "subject holds a control character"), ("a\n\u{FEFF}b", 0, ""),
        (String(repeating: "x", count: 257), 1, "subject is longer than 256 bytes"),
        ("\u{FEFF}a\n", 1, "it starts with a byte order mark, which would be part of the first subject"),
    ])
    func lineThatIsNoSubjectIsRefused(text: String, line: Int, message: String) throws {
        do throws(PinList.Fault) {
            _ = try PinList(Array(text.utf8))
            #expect(line == 0, "it is taken")
        } catch {
            #expect(error.line == line)
            #expect(error.message == message)
        }
    }

    @Test func invalidUTF8IsRefused() {
        let fault = #expect(throws: PinList.Fault.self) { try PinList([0x61, 0x0A, 0xFF]) }
        #expect(fault?.line == 2)
        #expect(fault?.message.contains("UTF-8") == true)
    }

    // MARK: When files are read

    @Test(arguments: Migration.Stage.allCases)
    func fileIsReadOnlyInLive(stage: Migration.Stage) throws {
        let folder = try Self.folder(stage.rawValue, #""to":{"file":"none.txt"}"#)
        let line = Self.lines(folder)
        #expect(line.contains("error: routes.help.migrate.pin.to.file: DIR/none.txt") == (stage == .live), "\(line)")
        #expect(stage == .live || line.isEmpty)
        // `check` reports it before the file is in force.
        #expect(Self.lines(folder, pins: .all).contains(stage == .live ? ": error: " : ": warning: "))
    }

    @Test func scopeLimitsWhichFilesAreRead() throws {
        let folder = try Self.folder("live", #""to":{"file":"none.txt"}"#)
        for pins in [PinScope.none, .inForceOf("other"), .of("other")] {
            #expect(Self.lines(folder, pins: pins) == "")
        }
        for pins in [PinScope.inForceOf("help"), .of("help")] {
            #expect(Self.lines(folder, pins: pins).contains("none.txt"))
        }
        // The names are known even if no file is read: the gateway watches the files.
        let configuration = try Configuration.read(
            folder.scratch.path("signet.json"), plugins: .builtIn, pins: .none)
        #expect(configuration.pinFiles == [folder.scratch.path("none.txt")])
    }

    @Test func unchangedFileIsNotReadAgain() throws {
        let directory = try ScratchDirectory()
        try directory.write("a\n", to: "go.txt")
        let first = try PinFiles.list(directory.path("go.txt"))
        #expect(try PinFiles.list(directory.path("go.txt")) === first)
        try directory.write("a\nb\n", to: "go.txt")
        let second = try PinFiles.list(directory.path("go.txt"))
        #expect(second !== first)
        #expect(second.contains("b"))
    }

    @Test func unusedListIsReleased() throws {
        let directory = try ScratchDirectory()
        try directory.write("a\n", to: "go.txt")
        weak let list = try PinFiles.list(directory.path("go.txt"))
        #expect(list == nil)
    }

    // MARK: Contradictions

    @Test func customerInBothFilesIsReportedWithLines() throws {
        let folder = try Self.folder("live", Self.both)
        try folder.scratch.write("a\nb\nboth\n", to: "go.txt")
        try folder.scratch.write("both\n", to: "stay.txt")
        #expect(
            Self.lines(folder).contains("a customer is pinned to both sides: go.txt, line 3 and stay.txt, line 1\n"))
        try folder.scratch.write("\nb\nboth\n", to: "stay.txt")
        #expect(
            Self.lines(folder).contains(
                "2 customers are pinned to both sides: first go.txt, line 2 and stay.txt, line 2\n"))
    }

    @Test func customerInListAndFileIsReportedWithLine() throws {
        let folder = try Self.folder("live", #""to":["x","both"],"from":{"file":"stay.txt"}"#)
        try folder.scratch.write("a\nboth\n", to: "stay.txt")
        #expect(Self.lines(folder).contains("a customer is pinned to both sides: stay.txt, line 2\n"))
        let listed = try Self.folder("off", #""to":["both"],"from":["both"]"#)
        #expect(Self.lines(listed).contains("error: routes.help.migrate.pin: a customer is pinned to both sides\n"))
    }

    @Test func fileDecidesTheSide() throws {
        let folder = try Self.folder("live", Self.both)
        try folder.scratch.write("new\n", to: "go.txt")
        try folder.scratch.write("old\n", to: "stay.txt")
        let routes = try folder.configuration().routes
        for (subject, connection, reason) in [("new", "two", "pin"), ("old", "dg", "pin"), ("else", "dg", "percent")] {
            let choice = try routes.choose("help", for: RouteQuery(.customer(Customer(subject: subject))))
            #expect(choice.connection == connection)
            #expect(choice.decision?.reason.rawValue == reason)
        }
    }
}
