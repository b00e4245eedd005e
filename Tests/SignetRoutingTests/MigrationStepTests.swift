import SignetIdentity
import SignetRouting
import Testing

@Suite struct MigrationStepTests {
    /// A move from its beginning to its end.
    private static let steps = [
        "off", "shadow", "live at 1 %", "live at 5 %", "live at 25 %", "live at 50 %", "live at 100 %", "rampdown",
        "complete",
    ]

    @Test func upAndDownLeadOverTheSameSteps() {
        var step: MigrationStep? = MigrationStep(.off)
        var up: [String] = []
        var last = MigrationStep(.off)
        while let current = step {
            up.append(current.text)
            (last, step) = (current, current.next)
        }
        #expect(up == Self.steps)
        var down: [String] = []
        step = last
        while let current = step {
            down.append(current.text)
            step = current.previous
        }
        #expect(down == Self.steps.reversed())
    }

    @Test(arguments: [
        ("0", "live at 1 %", "shadow"), ("0.5", "live at 1 %", "shadow"), ("12.5", "live at 25 %", "live at 5 %"),
        ("99.999", "live at 100 %", "live at 50 %"),
    ])
    func aShareBesideTheLadderGoesToTheNextRung(percent: String, next: String, previous: String) throws {
        let share: Percentage = try #require(Percentage(percent))
        let step = MigrationStep(.live, percent: share)
        #expect(step.next?.text == next)
        #expect(step.previous?.text == previous)
    }

    @Test func aShareCountsInLiveAlone() {
        #expect(MigrationStep(.shadow, percent: .all) == MigrationStep(.shadow))
        #expect(MigrationStep(.live).percent == Percentage.none)
    }
}
