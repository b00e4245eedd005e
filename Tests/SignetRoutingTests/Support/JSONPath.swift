import SignetJOSE

extension JSONValue {
    /// The same value with another one at a path. Missing members are added.
    func replacing(_ path: some Collection<String>, with value: JSONValue) -> JSONValue {
        guard let step = path.first else { return value }
        switch self {
        case .object(let members):
            guard members.contains(where: { $0.name == step }) else {
                return .object(members + [JSONMember(step, value)])
            }
            return .object(
                members.map { member in
                    guard member.name == step else { return member }
                    return JSONMember(step, member.value.replacing(path.dropFirst(), with: value))
                })
        case .array(let elements):
            return .array(
                elements.enumerated().map { index, element in
                    "\(index)" == step ? element.replacing(path.dropFirst(), with: value) : element
                })
        default: return self
        }
    }

    /// The value at a path.
    func value(at path: some Collection<String>) -> JSONValue? {
        guard let step = path.first else { return self }
        let next = array.flatMap { elements in Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
        return (next ?? self[step])?.value(at: path.dropFirst())
    }
}
