import SignetSystem

/// The names of one object's members: a few are compared one by one, many are hashed.
struct NameSet {
    private var few: [String] = []
    private var many: Set<ByteString> = []
    private static let fewLimit = 8

    /// Notes a name, and says whether it is new.
    mutating func insert(_ name: String) -> Bool {
        if many.isEmpty {
            if few.contains(where: name.hasSameBytes) { return false }
            if few.count < Self.fewLimit {
                few.append(name)
                return true
            }
            many = Set(few.map(ByteString.init))
        }
        return many.insert(ByteString(name)).inserted
    }
}
