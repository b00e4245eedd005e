import SignetIdentity
import SignetRouting

/// Warns of attributes and members of the context that nothing reads, once for each name.
struct UnreadWarnings {
    /// Names of a batch are data: there can be as many as there are lines.
    private static let limit = 100

    private let read: ReadMembers
    private var told: Set<UnreadMembers.Member> = []

    init(_ read: ReadMembers) {
        self.read = read
    }

    mutating func warn(of members: Set<UnreadMembers.Member>) {
        let new = members.subtracting(told)
        for member in new.sorted(by: { ($0.place.rawValue, $0.name ?? "") < ($1.place.rawValue, $1.name ?? "") }) {
            guard told.count <= Self.limit else { return }
            told.insert(member)
            guard told.count <= Self.limit else {
                return Output.note("signet: warning: there are more members that nothing reads")
            }
            Output.note("signet: warning: \(text(member))")
            if let hint = hint(member) { Output.note("signet: hint: \(hint)") }
        }
    }

    private func text(_ member: UnreadMembers.Member) -> String {
        guard let name = member.name else {
            return
                "nothing reads a member of \(member.place.rawValue) whose name is not of the form \(AttributeName.pattern)"
        }
        return "nothing reads \(member.place.rawValue).\(name)"
    }

    private func hint(_ member: UnreadMembers.Member) -> String? {
        let names = member.place == .attributes ? read.attributes : read.context
        return member.name.flatMap { NearestName.hint(for: $0, among: names) }
    }
}
