import Foundation
import SignetJOSE
import SignetTestSupport
import Testing

@testable import SignetGateway

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Disks that fail, and processes that die.
@Suite struct AuditFailureTests {
    /// A disk that does as it is told.
    private final class Disk: Sendable {
        struct Orders {
            var acceptedBytes: Int?
            var error: Int32 = ENOSPC
            var truncates = true
            var synchronises = true
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
                guard orders.withLock({ $0.truncates }) else {
                    errno = EIO
                    return -1
                }
                return truncate(descriptor, size)
            }
            system.synchronise = { [orders] _ in
                let succeeds = orders.withLock { orders in
                    orders.synchronisations += 1
                    return orders.synchronises
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

    init() throws {
        directory = try ScratchDirectory()
        path = directory.path("audit.jsonl")
    }

    private func open(_ durability: AuditFile.Durability = .process) throws -> AuditFile {
        try AuditFile(path: path, key: AuditFixture.key(), durability: durability, system: disk.system)
    }

    @Test(arguments: [ENOSPC, EIO, EDQUOT, EFBIG, EBADF], [0, 1, 100])
    func aFailedWriteIsToldAndLeavesNothing(error: Int32, accepted: Int) throws {
        let file = try open()
        try file.record(AuditFixture.entry(1))
        let before = try AuditFixture.bytes(directory)
        disk.orders.withLock { ($0.acceptedBytes, $0.error) = (accepted, error) }
        let thrown = try #require(throws: AuditError.self) { try file.record(AuditFixture.entry(2)) }
        #expect(thrown.code == "audit-unavailable" && thrown.reason.contains("cannot be written"))
        #expect(try AuditFixture.bytes(directory) == before)
        disk.orders.withLock { $0.acceptedBytes = nil }
        try file.record(AuditFixture.entry(3))
        let report = try AuditFixture.verify([path])
        #expect(report.isWhole && report.lines == 2)
    }

    /// Where the beginning of a line cannot be removed, nothing is written behind it.
    @Test func aTornLineIsRemovedBeforeTheNext() throws {
        let file = try open()
        try file.record(AuditFixture.entry(1))
        disk.orders.withLock { ($0.acceptedBytes, $0.truncates) = (50, false) }
        #expect(throws: AuditError.self) { try file.record(AuditFixture.entry(2)) }
        disk.orders.withLock { $0.acceptedBytes = nil }
        let thrown = try #require(throws: AuditError.self) { try file.record(AuditFixture.entry(3)) }
        #expect(thrown.reason.contains("cannot be cut back"))
        disk.orders.withLock { $0.truncates = true }
        try file.record(AuditFixture.entry(4))
        let report = try AuditFixture.verify([path])
        #expect(report.isWhole && report.lines == 2)
    }

    @Test func whatIsNotOnTheDiskIsNotAcknowledged() throws {
        let file = try open(.machine)
        try file.record(AuditFixture.entry(1))
        disk.orders.withLock { $0.synchronises = false }
        #expect(throws: AuditError.self) { try file.record(AuditFixture.entry(2)) }
        disk.orders.withLock { $0.synchronises = true }
        try file.record(AuditFixture.entry(3))
        #expect(disk.orders.withLock { $0.synchronisations } == 3)
        #expect(try AuditFixture.verify([path]).isWhole)
    }

    /// While the first waits for the disk, two more write; the wait that covers both of them fails.
    @Test func aFailedWaitFailsAllWhomItCovers() throws {
        let (waits, writes) = (Lock(0), Lock(0))
        let (isWaiting, bothWritten) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        var system = AuditSystem()
        let write = system.write
        system.write = { descriptor, bytes in
            let count = write(descriptor, bytes)
            if writes.withLock({
                $0 += 1; return $0
            }) == 3 {
                bothWritten.signal()
            }
            return count
        }
        system.synchronise = { _ in
            let number = waits.withLock {
                $0 += 1; return $0
            }
            if number == 1 {
                isWaiting.signal()
                bothWritten.wait()
            }
            errno = EIO
            return number == 2 ? -1 : 0
        }
        let file = try AuditFile(path: path, key: AuditFixture.key(), durability: .machine, system: system)
        let outcomes = Lock([Int: Bool]())
        let group = DispatchGroup()
        for number in 1...3 {
            group.enter()
            Thread.detachNewThread {
                let isRecorded = (try? file.record(AuditFixture.entry(number))) != nil
                outcomes.withLock { $0[number] = isRecorded }
                group.leave()
            }
            if number == 1 { isWaiting.wait() }
        }
        group.wait()
        #expect(outcomes.withLock { $0 } == [1: true, 2: false, 3: false])
        #expect(waits.withLock { $0 } == 2)
    }

    @Test func aFileSizeLimitIsAnErrorLikeAnyOther() async {
        await #expect(processExitsWith: .success) {
            let directory = try ScratchDirectory()
            let path = directory.path("audit.jsonl")
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 2000, rlim_max: 2000)
            #if canImport(Glibc)
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            #else
                try #require(setrlimit(RLIMIT_FSIZE, &limit) == 0)
            #endif
            let file = try AuditFile(path: path, key: AuditFixture.key())
            var recorded: Int64 = 0
            for number in 1...20 {
                do {
                    try file.record(AuditFixture.entry(number))
                    recorded += 1
                } catch {
                    #expect(error is AuditError)
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
                Thread.detachNewThread {
                    while (try? file.record(AuditFixture.entry(count.withLock { $0 }))) != nil {
                        _ = write(descriptor, "+", 1)
                        if count.withLock({
                            $0 += 1; return $0
                        }) == least {
                            kill(getpid(), SIGKILL)
                        }
                    }
                }
            }
            while true { pause() }
        }
        let acknowledged = Int64(try AuditFixture.bytes(directory, "noted").count)
        let file = try AuditFile(path: path, key: AuditFixture.key())
        let report = try AuditFixture.verify([path], heads: [try #require(file.head)])
        #expect(report.isWhole && report.provesHead && report.chains.count == 1)
        #expect(report.lines >= acknowledged && acknowledged >= least - 1)
        try file.record(AuditFixture.entry(1))
        #expect(try AuditFixture.verify([path]).isWhole)
    }
}
