import Foundation
import SignetConfiguration
import SignetJOSE
import SignetSystem
import SignetTestSupport
import Testing

@testable import SignetGateway

/// Disks that fail, and processes that die.
@Suite(.onThreads) struct AuditFailureTests {
    /// A disk that does as it is told.
    private final class Disk: Sendable {
        struct Orders {
            var acceptedBytes: Int?
            var error: Int32 = ENOSPC
            var truncates = true
            var truncations = 0
            /// Which waits for the disk fail, counted from 1.
            var failedSynchronisations: Set<Int> = []
            var synchronisations = 0
        }

        let orders = Lock(Orders())

        var system: AuditSystem {
            var system = AuditSystem()
            let (write, truncate) = (system.write, system.truncate)
            system.write = { [orders] descriptor, bytes in
                let (accepted, error) = orders.withLock { ($0.acceptedBytes, $0.error) }
                guard let accepted else { return write(descriptor, bytes) }
                if accepted > 0 { return write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<accepted])) }
                errno = error
                return -1
            }
            system.truncate = { [orders] descriptor, size in
                let isTaken = orders.withLock { orders in
                    orders.truncations += 1
                    return orders.truncates
                }
                guard isTaken else {
                    errno = EIO
                    return -1
                }
                return truncate(descriptor, size)
            }
            system.synchronise = { [orders] _ in
                let succeeds = orders.withLock { orders in
                    orders.synchronisations += 1
                    return !orders.failedSynchronisations.contains(orders.synchronisations)
                }
                if !succeeds { errno = EIO }
                return succeeds ? 0 : -1
            }
            return system
        }
    }

    private let directory: ScratchDirectory
    private let path: String
    private let disk = Disk()
    private static let notOnDisk = "cannot be flushed to the disk"

    init() throws {
        directory = try ScratchDirectory()
        path = directory.path("audit.jsonl")
    }

    private func open(
        _ durability: AuditDurability = .process, _ events: AuditEvents = AuditEvents(), lookInterval: Int64 = 10
    ) throws -> AuditFile {
        var system = disk.system
        system.lookInterval = lookInterval
        return try AuditFile(
            path: path, key: AuditFixture.key(), durability: durability, system: system, onEvent: events.report)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [ENOSPC, EIO, EDQUOT, EFBIG, EBADF], [0, 1, 100])
    func failedWriteIsToldLeavesNothingAndIsRecoveredFrom(error: Int32, accepted: Int) async throws {
        var events = AuditEvents()
        let file = try open(.process, events)
        try await file.keep(AuditFixture.entry(1))
        let before = try AuditFixture.bytes(directory)
        disk.orders.withLock { ($0.acceptedBytes, $0.error) = (accepted, error) }
        #expect(try await file.refusal(AuditFixture.entry(2)).contains("cannot be written"))
        #expect(try AuditFixture.bytes(directory) == before)
        #expect(await events.next() == "failed")
        #expect(file.failedSince != nil)
        #expect(try await file.refusal(AuditFixture.entry(3)).contains("cannot be written"))
        disk.orders.withLock { $0.acceptedBytes = nil }
        // Nobody has to ask for an identity, nor to send a signal.
        #expect(await events.next() == "resumed")
        #expect(file.failedSince == nil)
        try await file.keep(AuditFixture.entry(4))
        let report = try AuditFixture.verify([path])
        // The third line says that the audit goes on.
        #expect(report.isWhole && report.findings.isEmpty && report.lines == 3)
    }

    /// Where the beginning of a line cannot be removed, nothing is written behind it.
    @Test(.timeLimit(.minutes(5))) func tornLineIsRemovedBeforeTheNext() async throws {
        var events = AuditEvents()
        let file = try open(.process, events)
        try await file.keep(AuditFixture.entry(1))
        disk.orders.withLock { ($0.acceptedBytes, $0.truncates) = (50, false) }
        #expect(try await file.refusal(AuditFixture.entry(2)).contains("cannot be written"))
        disk.orders.withLock { $0.acceptedBytes = nil }
        #expect(await events.next() == "failed")
        let untilRefused = disk.orders.withLock { $0.truncations }
        while disk.orders.withLock({ $0.truncations }) < untilRefused + 2 { await Task.yield() }
        #expect(try await file.refusal(AuditFixture.entry(3)).contains("cannot be truncated"))
        disk.orders.withLock { $0.truncates = true }
        #expect(await events.next() == "resumed")
        try await file.keep(AuditFixture.entry(4))
        let report = try AuditFixture.verify([path])
        #expect(report.isWhole && report.lines == 3)
    }

    /// The lines stand in the file, and the next one says that they were refused.
    @Test(.timeLimit(.minutes(5))) func whatTheDiskDidNotConfirmIsRefusedAndSaidToBe() async throws {
        var events = AuditEvents()
        let file = try open(.machine, events, lookInterval: 600_000)
        try await file.keep(AuditFixture.entry(1))
        disk.orders.withLock { $0.failedSynchronisations = [2] }
        #expect(try await file.refusal(AuditFixture.entry(2)).contains(Self.notOnDisk))
        // The file is opened again at once, so the second look at the disk was the failed one and the third confirmed the note.
        #expect(await events.next() == "failed")
        #expect(await events.next() == "resumed 2-2")
        try await file.keep(AuditFixture.entry(3))
        #expect(disk.orders.withLock { $0.synchronisations } == 4)
        let lines = AuditFixture.lines(try AuditFixture.bytes(directory))
        try #require(lines.count == 4)
        let note = try JSONReader.value(lines[2])
        #expect(note["event"]?.string == "resumed")
        #expect(note["refusedFrom"]?.integer == 2 && note["refusedTo"]?.integer == 2)
        let report = try AuditFixture.verify([path])
        #expect(report.isWhole && report.kinds == [.refused])
        // A machine that dies then may have lost them: they are not missing.
        let lost = try AuditFixture.verify(text: lines[0] + lines[2] + lines[3])
        #expect(lost.isWhole && lost.kinds == [.refused])
        // Others are.
        let more = try AuditFixture.verify(text: lines[2] + lines[3])
        #expect(more.isWhole && more.kinds == [.beginsLater, .refused])
        let less = try AuditFixture.verify(text: lines[0] + lines[1] + lines[3])
        #expect(less.kinds == [.missing])
    }

    /// The descriptor whose disk failed is not asked again, however often the disk goes on failing.
    @Test(.timeLimit(.minutes(5))) func failedDescriptorIsNeverSynchronisedAgain() async throws {
        var events = AuditEvents()
        let opened = Lock(0)
        var system = AuditSystem(lookInterval: 10)
        let rounds = Lock(0)
        system.synchronise = { descriptor in
            let round = rounds.withLock {
                $0 += 1
                return $0
            }
            guard round < 4 else { return 0 }
            // A mark that stays with the descriptor until it is closed: its signal (F_GETSIG and F_SETSIG of fcntl.h).
            opened.withLock { if fcntl(descriptor, 11) == SIGUSR2 { $0 += 1 } }
            _ = fcntl(descriptor, 10, SIGUSR2)
            errno = EIO
            return -1
        }
        let file = try AuditFile(
            path: path, key: AuditFixture.key(), durability: .machine, system: system, onEvent: events.report)
        #expect(try await file.refusal(AuditFixture.entry(1)).contains(Self.notOnDisk))
        #expect(await events.next() == "failed")
        // The line, and two notes that were not confirmed either.
        #expect(await events.next() == "resumed 1-3")
        #expect(opened.withLock { $0 } == 0)
        try await file.keep(AuditFixture.entry(2))
        let report = try AuditFixture.verify([path])
        #expect(report.isWhole && report.lines == 5 && report.kinds == [.refused, .refused, .refused])
    }

    /// While the first batch waits for the disk, two more lines come: they share the second, and it fails.
    @Test(.timeLimit(.minutes(5))) func failedWaitRefusesTheWholeBatchAndNothingElse() async throws {
        let (waits, writes) = (Lock(0), Lock(0))
        let isWaiting = AsyncStream<Void>.makeStream()
        let gate = DispatchSemaphore(value: 0)
        var system = AuditSystem(lookInterval: 600_000)
        let write = system.write
        system.write = { descriptor, bytes in
            writes.withLock { $0 += 1 }
            return write(descriptor, bytes)
        }
        system.synchronise = { _ in
            let number = waits.withLock {
                $0 += 1
                return $0
            }
            if number == 1 {
                isWaiting.continuation.yield()
                gate.wait()
            }
            errno = EIO
            return number == 2 ? -1 : 0
        }
        var events = AuditEvents()
        let file = try AuditFile(
            path: path, key: AuditFixture.key(), durability: .machine, system: system, onEvent: events.report)
        let first = Task { try await file.keep(AuditFixture.entry(1)) }
        var iterator = isWaiting.stream.makeAsyncIterator()
        _ = await iterator.next()
        let others = [2, 3].map { number in Task { try await file.keep(AuditFixture.entry(number)) } }
        while file.waitingCount < 2 { await Task.yield() }
        gate.signal()
        try await first.value
        for other in others {
            let error = await #expect(throws: SignetError.self) { try await other.value }
            #expect(error?.reason.contains(Self.notOnDisk) == true)
        }
        #expect(await events.next() == "failed")
        #expect(await events.next() == "resumed 2-3")
        try await file.keep(AuditFixture.entry(4))
        // Four waits: for the first line, the batch of two, the note, the last line. One write more shows that there is room.
        #expect(writes.withLock { $0 } == 5 && waits.withLock { $0 } == 4)
        #expect(try AuditFixture.verify([path]).isWhole)
    }

    // MARK: Slow disks

    /// What serves connections never waits for the disk: not for one that confirms, nor behind others that wait.
    @Test(.timeLimit(.minutes(5))) func slowDiskHoldsUpNobodyWhoDoesNotRecord() async throws {
        let gate = DispatchSemaphore(value: 0)
        let isStuck = AsyncStream<Void>.makeStream()
        var system = AuditSystem(lookInterval: 600_000)
        let isSlow = Lock(false)
        let write = system.write
        system.write = { descriptor, bytes in
            if isSlow.withLock({ $0 }) {
                isStuck.continuation.yield()
                gate.wait()
            }
            return write(descriptor, bytes)
        }
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: .process, system: system)
        #expect(try file.recordAtOnce(AuditFixture.entry(1)))
        isSlow.withLock { $0 = true }
        // On the file's thread, as if a write before had been slow.
        let stuck = Task { try await file.record(AuditFixture.entry(2)) }
        var iterator = isStuck.stream.makeAsyncIterator()
        _ = await iterator.next()
        for number in 3...40 { #expect(try !file.recordAtOnce(AuditFixture.entry(number))) }
        let waiting = (3...40).map { number in Task { try await file.keep(AuditFixture.entry(number)) } }
        while file.waitingCount < 38 { await Task.yield() }
        isSlow.withLock { $0 = false }
        gate.signal()
        try await stuck.value
        for task in waiting { try await task.value }
        #expect(try AuditFixture.verify([path]).lines == 40)
    }

    /// One write that takes long is the last one for a while.
    @Test(.timeLimit(.minutes(5))) func afterASlowWriteTheNextIsLeftToTheThread() async throws {
        var system = AuditSystem(lookInterval: 600_000)
        let pause = Lock<UInt32>(0)
        let write = system.write
        system.write = { descriptor, bytes in
            usleep(pause.withLock { $0 })
            return write(descriptor, bytes)
        }
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: .process, system: system)
        pause.withLock { $0 = 6_000 }
        #expect(try file.recordAtOnce(AuditFixture.entry(1)))
        #expect(try !file.recordAtOnce(AuditFixture.entry(2)))
        try await file.record(AuditFixture.entry(2))
        #expect(try !file.recordAtOnce(AuditFixture.entry(3)))
        #expect(try AuditFixture.verify([path]).lines == 2)
    }

    /// Looking after the file is quick, and says nothing of the disk.
    @Test(.timeLimit(.minutes(1))) func looksDoNotMakeASlowDiskFast() async throws {
        var events = AuditEvents()
        var system = AuditSystem(lookInterval: 600_000)
        let write = system.write
        system.write = { descriptor, bytes in
            usleep(6_000)
            return write(descriptor, bytes)
        }
        let file = try AuditFile(
            path: path, key: AuditFixture.key(), durability: .process, system: system, onEvent: events.report)
        #expect(try file.recordAtOnce(AuditFixture.entry(1)))
        file.reopen()
        #expect(await events.next() == "reopened")
        #expect(try !file.recordAtOnce(AuditFixture.entry(2)))
    }

    @Test(.timeLimit(.minutes(1)), arguments: AuditDurability.allCases)
    func diskThatHangsRefusesNewLinesAndAnswersTheOldOnesInTheEnd(durability: AuditDurability) async throws {
        let gate = DispatchSemaphore(value: 0)
        let isHanging = Lock(true)
        var system = AuditSystem(lookInterval: 600_000)
        system.hangLimit = 50
        let (write, synchronise) = (system.write, system.synchronise)
        system.write = { descriptor, bytes in
            if durability == .process, isHanging.withLock({ $0 }) { gate.wait() }
            return write(descriptor, bytes)
        }
        system.synchronise = { descriptor in
            if durability == .machine, isHanging.withLock({ $0 }) { gate.wait() }
            return synchronise(descriptor)
        }
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: durability, system: system)
        let first = Task { try await file.record(AuditFixture.entry(1)) }
        while file.failedSince == nil { await Task.yield() }
        let refusal = try await #require(throws: SignetError.self) { try await file.record(AuditFixture.entry(2)) }
        #expect(refusal.reason.contains("does not answer"))
        #expect(throws: SignetError.self) { try file.recordAtOnce(AuditFixture.entry(3)) }
        isHanging.withLock { $0 = false }
        gate.signal()
        try await first.value
        while file.failedSince != nil { await Task.yield() }
        try await file.keep(AuditFixture.entry(4))
        #expect(try AuditFixture.verify([path]).lines == 2)
    }

    @Test(.timeLimit(.minutes(1))) func noMoreLinesWaitThanTheLimit() async throws {
        let gate = DispatchSemaphore(value: 0)
        let isStuck = AsyncStream<Void>.makeStream()
        var system = AuditSystem(lookInterval: 600_000)
        system.waitingLimit = 3
        system.synchronise = { _ in
            isStuck.continuation.yield()
            gate.wait()
            return 0
        }
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: .machine, system: system)
        let first = Task { try await file.record(AuditFixture.entry(1)) }
        var iterator = isStuck.stream.makeAsyncIterator()
        _ = await iterator.next()
        let waiting = (2...4).map { number in Task { try await file.record(AuditFixture.entry(number)) } }
        while file.waitingCount < 3 { await Task.yield() }
        let refusal = try await #require(throws: SignetError.self) { try await file.record(AuditFixture.entry(5)) }
        #expect(refusal.reason.contains("too many lines wait"))
        for _ in 1...3 { gate.signal() }
        try await first.value
        for task in waiting { try await task.value }
        #expect(try AuditFixture.verify([path]).lines == 4)
    }

    @Test func machineNeverRecordsAtOnce() throws {
        #expect(try !open(.machine).recordAtOnce(AuditFixture.entry(1)))
        #expect(try AuditFixture.bytes(directory).isEmpty)
    }

    // MARK: The end

    @Test func closedFileHasEverythingOnTheDiskAndRefusesMore() async throws {
        let file = try open(.process)
        try await file.keep(AuditFixture.entry(1))
        #expect(file.close(withinMilliseconds: 60_000))
        #expect(disk.orders.withLock { $0.synchronisations } == 1)
        #expect(try await file.refusal(AuditFixture.entry(2)) == "the audit file is closed")
        let error = await #expect(throws: SignetError.self) { try await file.record(AuditFixture.entry(2)) }
        #expect(error?.reason == "the audit file is closed")
        #expect(try AuditFixture.verify([path]).lines == 1)
    }

    @Test func aFileSizeLimitIsAnErrorLikeAnyOther() async {
        await #expect(processExitsWith: .success) {
            let directory = try ScratchDirectory()
            let path = directory.path("audit.jsonl")
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 2000, rlim_max: 2000)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let file = try AuditFile(path: path, key: AuditFixture.key())
            var recorded: Int64 = 0
            for number in 1...20 {
                do {
                    try await file.keep(AuditFixture.entry(number))
                    recorded += 1
                } catch let error as SignetError {
                    #expect(error.code == "audit-unavailable" && error.reason.contains(path))
                }
            }
            try #require(recorded > 1 && recorded < 20)
            let report = try AuditFixture.verify([path])
            try #require(report.isWhole && report.lines == recorded)
        }
    }

    /// Two threads note each line once it is recorded, and the process is killed meanwhile; whatever was noted has to be
    /// in the file.
    @Test(arguments: [100, 1000, 5000])
    func killedInMidWriteItLosesNoAcknowledgedLine(least: Int) async throws {
        let noted = directory.path("noted")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, noted = noted as String, least = least as Int] in
            let file = try AuditFile(path: path, key: AuditFixture.key())
            let descriptor = creat(noted, 0o600)
            let count = Lock(0)
            for _ in 0..<2 {
                Task.detached {
                    while (try? await file.keep(AuditFixture.entry(count.withLock { $0 }))) != nil {
                        _ = write(descriptor, "+", 1)
                        if count.withLock({
                            $0 += 1; return $0
                        }) == least {
                            kill(getpid(), SIGKILL)
                        }
                    }
                }
            }
            while true { try await Task.sleep(for: .seconds(1)) }
        }
        let acknowledged = Int64(try AuditFixture.bytes(directory, "noted").count)
        let file = try AuditFile(path: path, key: AuditFixture.key())
        let report = try AuditFixture.verify([path], heads: [try #require(file.head)])
        #expect(report.isWhole && report.provesHead && report.chains.count == 1)
        #expect(report.lines >= acknowledged && acknowledged >= least - 1)
        try await file.keep(AuditFixture.entry(1))
        #expect(try AuditFixture.verify([path]).isWhole)
    }
}
