import SignetIdentity
import SignetSystem

@testable import SignetServer

/// Computes the deadline of a client's current step from the client's visible state.
struct DeadlineModel {
    /// The visible state of a client after an event.
    struct View {
        let phase: ClientState.Phase
        /// Whether it can continue without an event, now and before the last event.
        let hasWork: Bool
        let hadWork: Bool
        /// How many requests have reached the handler.
        let requests: Int
        /// Whether bytes of the next request were read.
        let hasBeginning: Bool
        /// How many bytes were taken, and where the current answer begins.
        let taken: Int
        let answerStart: Int
        let discarded: Int
        /// How many steps of a handshake were done.
        let progress: UInt32
        let isDraining: Bool
    }

    private var last: View?
    private var opened: ClockReading
    /// When a handshake got more time, because it had advanced at its deadline.
    private var overtime: ClockReading?
    /// When it became idle, and when it last did so after a turn that was cut short.
    private var idle: (first: ClockReading, last: ClockReading)
    /// When the incomplete request began, and when the pending one began.
    private var began: ClockReading?
    private var pendingBegan: ClockReading
    private var body: (start: ClockReading, limit: Int64)
    private var answer: ClockReading
    private var milestone = 0
    private var lingering: (start: ClockReading, last: ClockReading)
    /// When it began to wait during a drain, the first and the last time.
    private var draining: (first: ClockReading, last: ClockReading)?

    private static let handshakeExtension: Int64 = 1_000
    private static let drainGrace: Int64 = 100
    private static let answerWindow = 256 * 1_024

    init(_ context: WorkerContext) {
        let now = context.clock
        (opened, pendingBegan, answer) = (now, now, now)
        idle = (now, now)
        body = (now, 0)
        lingering = (now, now)
    }

    /// Records the state after an event.
    mutating func observe(_ view: View, _ context: WorkerContext) {
        let now = context.clock
        let limits = context.limits
        if view.phase == .handshake {
            let end = overtime?.after(Self.handshakeExtension, context) ?? opened.after(limits.handshake, context)
            if last?.progress != view.progress, context.now >= end { overtime = now }
        } else if last?.phase == .handshake {
            opened = now
        }
        let dispatched = view.requests - (last?.requests ?? 0)
        if dispatched > 0 {
            // Only the first of several requests can have begun earlier.
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

    /// The fault of a deadline, or nil.
    func fault(of due: MonotonicTime, _ context: WorkerContext) -> String? {
        guard let last, !last.hasWork else { return nil }
        let limits = context.limits
        let (earliest, latest) =
            switch last.phase {
            case .handshake:
                waiting(
                    (
                        opened.after(limits.handshake, context),
                        overtime?.after(Self.handshakeExtension, context) ?? opened.after(limits.handshake, context)
                    ), context)
            case .head where began != nil: waiting(exactly(began?.after(limits.header, context) ?? due), context)
            case .head where last.requests == 0: waiting(exactly(opened.after(limits.firstByte, context)), context)
            case .head:
                waiting((idle.first.after(limits.idle, context), idle.last.after(limits.idle, context)), context)
            case .body: exactly(body.start.after(body.limit, context))
            // Stalls do not extend the deadline of a whole request.
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

    /// A drain gives a client without a complete request a short time only.
    private func waiting(
        _ times: (MonotonicTime, MonotonicTime), _ context: WorkerContext
    ) -> (MonotonicTime, MonotonicTime) {
        guard let draining else { return times }
        return (draining.first.after(Self.drainGrace, context), draining.last.after(Self.drainGrace, context))
    }
}

extension ClockReading {
    /// The time some milliseconds later, extended by the worker's stalls.
    fileprivate func after(_ milliseconds: Int64, _ context: WorkerContext) -> MonotonicTime {
        let end = time.advanced(byMilliseconds: milliseconds)
        return MonotonicTime(nanoseconds: end.nanoseconds + context.stalled - stalled)
    }
}
