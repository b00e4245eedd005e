import Glibc

/// Searches all writable memory of this process for a secret, like a reader of a core dump.
///
/// The searched secret itself is in pages of its own, which are skipped.
final class MemoryScan {
    private static let chunk = 1 << 20
    private static let page = 1 << 16
    private let region: UnsafeMutableRawBufferPointer
    private let length: Int
    private let publicTail: Int

    /// The searched secret.
    var needle: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: region[..<length])
    }

    /// A secret of `length` bytes. `fill` writes them one by one, so that no copy of the whole exists.
    /// The last `publicTail` bytes are not secret and may be anywhere.
    init(length: Int, publicTail: Int = 0, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(length <= Self.page)
        let size = Self.page + Self.chunk + Self.page
        let start = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        region = UnsafeMutableRawBufferPointer(start: start, count: size)
        self.length = length
        self.publicTail = publicTail
        fill(needle)
    }

    /// Random bytes.
    convenience init(randomBytes length: Int) {
        self.init(length: length) { needle in
            for index in needle.indices { needle[index] = UInt8.random(in: 1...255) }
        }
    }

    /// The text after `marker` in a secret text.
    convenience init(length: Int, after marker: String, in text: UnsafeRawBufferPointer) {
        self.init(length: length) { needle in
            let places = text.indices.dropLast(marker.utf8.count + length - 1)
            let place = places.first { text[$0...].starts(with: marker.utf8) }! + marker.utf8.count
            needle.copyMemory(from: UnsafeRawBufferPointer(rebasing: text[place..<(place + length)]))
        }
    }

    deinit {
        munmap(region.baseAddress, region.count)
    }

    /// Whether the memory is small enough to search: a sanitizer maps terabytes.
    static var isFeasible: Bool {
        writableRanges().reduce(0) { $0 + $1.count } < 1 << 34
    }

    /// The last bytes of the secret, which are searched: an allocator overwrites the first bytes of freed
    /// memory.
    private var end: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: needle.dropLast(publicTail).suffix(16))
    }

    /// The number of copies of the secret, or of freed remains of it.
    func count() -> Int {
        let memory = open("/proc/self/mem", O_RDONLY)
        precondition(memory >= 0, "no /proc")
        defer { close(memory) }
        let own = UInt(bitPattern: region.baseAddress)..<UInt(bitPattern: region.baseAddress! + region.count)
        return Self.writableRanges().flatMap { range -> [Range<UInt>] in
            guard range.overlaps(own) else { return [range] }
            return [range.clamped(to: 0..<own.lowerBound), range.clamped(to: own.upperBound..<UInt.max)]
        }.reduce(0) { $0 + count(in: $1, of: memory) }
    }

    private func count(in range: Range<UInt>, of memory: Int32) -> Int {
        let buffer = region.baseAddress! + Self.page
        var found = 0
        var place = range.lowerBound
        while place < range.upperBound {
            // Chunks overlap by one byte less than the secret, so that a secret across a border is found exactly once.
            let wanted = min(Int(range.upperBound - place), Self.chunk + end.count - 1)
            let read = pread(memory, buffer, wanted, Int(place))
            guard read >= end.count else { return found }
            var start = buffer
            let last = buffer + read - end.count + 1
            while start < last, let hit = memchr(start, Int32(end[0]), last - start) {
                if memcmp(hit, end.baseAddress!, end.count) == 0 { found += 1 }
                start = hit + 1
            }
            place += UInt(Self.chunk)
        }
        return found
    }

    private static func writableRanges() -> [Range<UInt>] {
        guard let maps = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(maps) }
        var ranges: [Range<UInt>] = []
        var line = [CChar](repeating: 0, count: 4_096)
        while fgets(&line, Int32(line.count), maps) != nil {
            let fields = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.split(separator: UInt8(ascii: " "))
            let bounds = fields[0].split(separator: UInt8(ascii: "-"))
                .compactMap { UInt(String(decoding: $0, as: UTF8.self), radix: 16) }
            if fields[1].starts(with: "rw".utf8) { ranges.append(bounds[0]..<bounds[1]) }
        }
        return ranges
    }
}
