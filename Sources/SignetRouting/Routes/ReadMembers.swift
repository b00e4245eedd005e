import SignetIdentity
import SignetJOSE
import SignetSystem

/// The attributes and context members that a route reads: by its connections' mappings, its "when", cohorts and stickiness.
///
/// Made once, when the connections are loaded.
package struct ReadMembers: Sendable {
    /// The names of the attributes.
    package private(set) var attributes: [String] = []
    /// The names of the context's members.
    package private(set) var context: [String] = []

    /// The members that are read for these connections.
    ///
    /// - Parameter route: The route that leads to them; nil for connections by name, where nothing reads the context.
    package init(of connections: [VendorConnection], by route: Route?) {
        for case .attribute(let name)? in connections.flatMap(\.values).map(\.source) { add(attribute: name) }
        switch route?.rule {
        case .cases(let cases, _): add(cases.map(\.when))
        case .migration(let migration):
            add(migration.cohorts.map(\.when))
            if case .attribute(let name) = migration.stickiness { add(attribute: name) }
        case .connection, nil: break
        }
    }

    private mutating func add(attribute name: String) {
        if !attributes.contains(name) { attributes.append(name) }
    }

    private mutating func add(_ conditions: [Condition]) {
        for name in conditions.flatMap(\.names) where !context.contains(where: name.hasSameBytes(as:)) {
            context.append(name)
        }
    }

    /// The members of a request that nothing reads. A request without attributes and context costs nothing.
    ///
    /// - Parameter shared: A context that the request has besides its own.
    package func unread(in request: SigningRequest, context shared: [String: String] = [:]) -> UnreadMembers {
        var unread = UnreadMembers()
        if case .customer(let customer) = request.identity {
            for name in customer.attributes.keys where !attributes.contains(where: name.hasSameBytes(as:)) {
                unread.add(name, of: .attributes)
            }
        }
        for context in [request.context, shared] {
            for name in context.keys where !self.context.contains(where: name.hasSameBytes(as:)) {
                unread.add(name, of: .context)
            }
        }
        return unread
    }
}

/// The members of a request that nothing reads.
package struct UnreadMembers: Sendable {
    /// The objects whose members have free names.
    package enum Place: String, Sendable {
        case attributes, context
    }

    /// One member.
    package struct Member: Sendable, Hashable {
        package let place: Place
        /// The name; nil if it has not the form of an attribute's name. Such a name may be anything and is never shown.
        package let name: String?
    }

    /// No members.
    package init() {}

    /// How many there are.
    package private(set) var count = 0
    /// The different members, in no order.
    package private(set) var members: Set<Member> = []

    fileprivate mutating func add(_ name: String, of place: Place) {
        count += 1
        members.insert(Member(place: place, name: AttributeName.isValid(name) ? name : nil))
    }

    /// `attributes.Tier`, for the first members in the order of their names, without those whose names are not shown.
    package func texts(atMost limit: Int) -> [String] {
        members.compactMap { member in member.name.map { "\(member.place.rawValue).\($0)" } }.sorted().prefix(limit).map
        { $0 }
    }
}
