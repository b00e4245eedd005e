import SignetIdentity
import SignetSystem

/// Moments at which a connection has to be looked at: a binary heap, the earliest first.
///
/// A deadline that moves to a later moment moves no entry: the connection is asked when the entry is due.
struct Timers {
    private struct Entry {
        let time: MonotonicTime
        let id: ConnectionID
    }

    private var heap: [Entry] = []

    var first: MonotonicTime? { heap.first?.time }

    mutating func add(_ time: MonotonicTime, _ id: ConnectionID) {
        heap.append(Entry(time: time, id: id))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the earliest entry out if its moment has come.
    mutating func takeDue(at now: MonotonicTime) -> (time: MonotonicTime, id: ConnectionID)? {
        guard let entry = heap.first, entry.time <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].time < heap[least].time { least = child }
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (entry.time, entry.id)
    }
}
