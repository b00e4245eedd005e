import SignetIdentity
import SignetSystem

/// The times at which to check the clients' deadlines: a binary heap, the earliest first.
///
/// A deadline that becomes later moves no entry: the client's deadline is read again when the entry is due.
struct Timers {
    private struct Entry {
        let time: MonotonicTime
        let id: ClientID
    }

    private var heap: [Entry] = []

    var first: MonotonicTime? { heap.first?.time }

    mutating func add(_ time: MonotonicTime, _ id: ClientID) {
        heap.append(Entry(time: time, id: id))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes and returns the earliest entry if it is due.
    mutating func takeDue(at now: MonotonicTime) -> (time: MonotonicTime, id: ClientID)? {
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
