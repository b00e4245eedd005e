import SignetIdentity
import SignetSystem

@testable import SignetServer

/// Until when a connection may take its present step, computed from what is seen of it.
struct DeadlineModel {
    /// A moment, and for how long the worker had been late by itself until then.
    private struct Moment {
        let time: MonotonicTime
        let stalled: UInt64

        init(_ context: ConnectionContext) {
            (time, stalled) = (context.now, context.stalled)
        }

        /// The moment some milliseconds later, where the worker's own stalls do not count.
        func after(_ milliseconds: Int64, _ context: ConnectionContext) -> MonotonicTime {
            let end = time.advanced(byMilliseconds: milliseconds)
            return MonotonicTime(nanoseconds: end.nanoseconds + context.stalled - stalled)
        }
    }

    /// What is seen of a connection after an event.
    struct View {
        let phase: Connection.Phase
        /// Whether it has work that no event will tell of, now and before the event.
        let hasWork: Bool
        let hadWork: Bool
        /// How many requests have reached the handler.
        let requests: Int
        /// Whether bytes of the next request were read.
        let hasBeginning: Bool
        /// How many bytes of an answer were taken, and where it begins.
        let taken: Int
        let answerStart: Int
        let discarded: Int
        /// How many steps of a handshake were done.
        let progress: UInt32
        let isDraining: Bool
    }

    private var last: View?
    private var opened: Moment
    /// When a handshake was given more time, because it went on at its deadline.
    private var overtime: Moment?
    /// When it became idle, and when it found that there is no more.
    private var idle: (first: Moment, last: Moment)
    /// When the request began that is not whole, and the one that is pending.
    private var began: Moment?
    private var pendingBegan: Moment
    private var body: (start: Moment, limit: Int64)
    private var answer: Moment
    private var milestone = 0
    private var lingering: (start: Moment, last: Moment)
    /// When it was found that no request may begin any more, the first and the last time.
    private var draining: (first: Moment, last: Moment)?

    private static let overtime: Int64 = 1_000
    private static let drainGrace: Int64 = 100
    private static let answerWindow = 256 * 1_024

    init(_ context: ConnectionContext) {
        let now = Moment(context)
        (opened, pendingBegan, answer) = (now, now, now)
        idle = (now, now)
        body = (now, 0)
        lingering = (now, now)
    }

    /// Takes note of what is seen after an event.
    mutating func observe(_ view: View, _ context: ConnectionContext) {
        let now = Moment(context)
        let limits = context.limits
        if view.phase == .handshake {
            let end = overtime?.after(Self.overtime, context) ?? opened.after(limits.handshake, context)
            if last?.progress != view.progress, context.now >= end { overtime = now }
        } else if last?.phase == .handshake {
            opened = now
        }
        let dispatched = view.requests - (last?.requests ?? 0)
        if dispatched > 0 {
            // Only the first of several can have begun earlier.
            pendingBegan = dispatched == 1 ? began ?? now : now
            began = nil
        }
        if view.phase == .head || view.phase == .body {
            if !view.hasBeginning { began = nil } else if began == nil { began = now }
        }
        if dispatched > 0 || last?.phase != .head { idle = (now, now) }
        if view.hadWork { idle.last = now }
        if view.phase == .body, last?.phase != .body || dispatched > 0, let began {
            let left = context.now.milliseconds(until: began.time.advanced(byMilliseconds: limits.request))
            body = (now, min(limits.body, left))
        }
        if view.phase == .answering {
            if last?.phase != .answering || last?.answerStart != view.answerStart { (answer, milestone) = (now, 0) }
            let sent = view.taken - view.answerStart
            if sent >= milestone + Self.answerWindow { (answer, milestone) = (now, sent) }
        }
        if view.phase == .lingering {
            if last?.phase != .lingering { lingering = (now, now) }
            if last?.discarded != view.discarded { lingering.last = now }
        }
        if view.isDraining, view.phase == .head || view.phase == .handshake {
            let wasWaiting = last?.phase == .head || last?.phase == .handshake
            if draining == nil || dispatched > 0 || !wasWaiting { draining = (now, now) }
            if view.hadWork { draining?.last = now }
        }
        last = view
    }

    /// What is wrong with a deadline, or nil.
    func fault(of due: MonotonicTime, _ context: ConnectionContext) -> String? {
        guard let last, !last.hasWork else { return nil }
        let limits = context.limits
        let (earliest, latest) =
            switch last.phase {
            case .handshake:
                waiting(
                    (
                        opened.after(limits.handshake, context),
                        overtime?.after(Self.overtime, context) ?? opened.after(limits.handshake, context)
                    ), context)
            case .head where began != nil: waiting(exactly(began?.after(limits.header, context) ?? due), context)
            case .head where last.requests == 0: waiting(exactly(opened.after(limits.firstByte, context)), context)
            case .head:
                waiting((idle.first.after(limits.idle, context), idle.last.after(limits.idle, context)), context)
            case .body: exactly(body.start.after(body.limit, context))
            // The clock of a whole request does not stop.
            case .pending: exactly(pendingBegan.time.advanced(byMilliseconds: limits.request))
            case .answering: exactly(answer.after(limits.answer, context))
            case .lingering:
                (
                    MonotonicTime(nanoseconds: 0),
                    max(
                        context.now,
                        min(
                            lingering.last.after(limits.linger, context),
                            lingering.start.after(2 * limits.linger, context)))
                )
            case .closed: exactly(due)
            }
        if due < earliest { return "the deadline is \(due.milliseconds(until: earliest)) ms too early" }
        if due > latest { return "the deadline is \(latest.milliseconds(until: due)) ms too late" }
        return nil
    }

    private func exactly(_ time: MonotonicTime) -> (MonotonicTime, MonotonicTime) { (time, time) }

    /// Where the next request has not come: a drain leaves it a moment and no more.
    private func waiting(
        _ times: (MonotonicTime, MonotonicTime), _ context: ConnectionContext
    ) -> (MonotonicTime, MonotonicTime) {
        guard let draining else { return times }
        return (draining.first.after(Self.drainGrace, context), draining.last.after(Self.drainGrace, context))
    }
}
