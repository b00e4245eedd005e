import SignetJOSE

/// How an object is laid out, for writing another beside it.
struct ObjectStyle {
    private var opening = " "
    private var colon = ": "
    private var separator = ", "
    private var closing = " "

    /// The layout of an object, without its comments.
    init(of node: JSONNode, in source: [UInt8]) {
        guard let members = node.members, !members.isEmpty, let list = ItemList(node, in: source) else { return }
        let last = list.gap(before: members.count)
        opening = Self.space(list.gap(before: 0), before: list.items[0].lowerBound, in: list)
        colon = Self.colon(of: members[0], in: source)
        closing = (last.comma == nil ? "" : ",") + Self.space(last, before: list.inside.upperBound, in: list)
        if members.count > 1 {
            separator = "," + Self.space(list.gap(before: 1), before: list.items[1].lowerBound, in: list)
        } else {
            separator = "," + (opening.isEmpty && colon.last != " " ? "" : opening.isEmpty ? " " : opening)
        }
    }

    /// An object of these members, in this layout.
    func text(_ members: [JSONMember]) -> String {
        let items = members.map { member in
            JSONWriter.text(of: .string(member.name)) + colon + JSONWriter.text(of: member.value)
        }
        return "{" + opening + items.joined(separator: separator) + closing + "}"
    }

    /// What stands between a member's name and its value, unless it was stretched to make a column or holds a comment.
    static func colon(of member: JSONNode.Member, in source: [UInt8]) -> String {
        let between = String(
            decoding: source[member.nameRange.upperBound..<member.value.range.lowerBound], as: UTF8.self)
        return [":", ": ", " : "].contains(between) ? between : ": "
    }

    private static func space(_ gap: Gap, before offset: Int, in list: ItemList) -> String {
        if let lineFeed = gap.lineFeeds.last {
            return String(decoding: list.lineEnd(at: lineFeed) + list.indentation(ofLineAt: offset), as: UTF8.self)
        }
        let isTight = list.trimmingBack(offset) == offset
        return isTight ? "" : " "
    }
}

extension ConfigurationText {
    /// An object of these members, laid out like the one at a path.
    package func object(like path: [String], _ members: [JSONMember]) -> String {
        let style = ObjectStyle(of: node(at: path) ?? .emptyObject, in: bytes)
        return style.text(members)
    }
}
