import SignetIdentity
import SignetRouting

/// Warns of attributes and context members that nothing reads, once for each name.
struct UnreadWarnings {
    /// A batch can have a new name on every line.
    private static let limit = 100

    private let read: ReadMembers
    private var reported: Set<UnreadMembers.Member> = []

    init(_ read: ReadMembers) {
        self.read = read
    }

    mutating func warn(of members: Set<UnreadMembers.Member>) {
        let new = members.subtracting(reported)
        for member in new.sorted(by: { ($0.place.rawValue, $0.name ?? "") < ($1.place.rawValue, $1.name ?? "") }) {
            guard reported.count <= Self.limit else { return }
            reported.insert(member)
            guard reported.count <= Self.limit else {
                return Output.warning("nothing reads some further members")
            }
            Output.warning(text(member), hint: hint(member))
        }
    }

    private func text(_ member: UnreadMembers.Member) -> String {
        guard let name = member.name else {
            return
                "nothing reads a member of \(member.place.rawValue), and its name does not match \(AttributeName.pattern)"
        }
        return "nothing reads \(member.place.rawValue).\(name)"
    }

    private func hint(_ member: UnreadMembers.Member) -> String? {
        let names = member.place == .attributes ? read.attributes : read.context
        return member.name.flatMap { NearestName.hint(for: $0, among: names) }
    }
}
