import CLinux
import SignetSystem

extension ServerLimits {
    /// How many processors there are; never fewer than one.
    package static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// The system's words for an error number.
func words(for code: Int32) -> String {
    unsafe String(cString: strerror(code))
}

/// Has malloc give memory back that is free.
func giveMemoryBack() {
    #if canImport(Glibc)
        malloc_trim(0)
    #endif
}

extension [UInt8] {
    /// Appends the bytes of a span at once.
    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// Whether the bytes are `name`, which is given in lower case, in whatever case.
    func isName(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count {
            let byte = self[index]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if unsafe lower != name.utf8Start[index] { return false }
            index += 1
        }
        return true
    }
}

extension [UInt8] {
    /// Appends the bytes of a text that is written in the source.
    mutating func append(_ text: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

// Where a type has methods of these names, the system's functions are out of sight.

/// close(2).
func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}

/// listen(2).
func listenOn(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
    listen(descriptor, backlog)
}

/// send(2).
func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
    unsafe send(descriptor, bytes.baseAddress, bytes.count, flags)
}
