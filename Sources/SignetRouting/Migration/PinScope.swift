/// Which files of pinned subjects are read with a configuration: they may be large, and pins count in `live` alone.
public enum PinScope: Sendable, Hashable {
    /// What is in force: of every route in `live`.
    case inForce
    /// What is in force of one route.
    case inForceOf(String)
    /// Of one route, whatever its stage.
    case of(String)
    /// Of every route, whatever its stage; what is at fault without being in force is a warning.
    case all
    /// None: nobody is to be decided on.
    case none

    package func includes(_ route: String, at stage: Migration.Stage) -> Bool {
        switch self {
        case .inForce: stage == .live
        case .inForceOf(let name): stage == .live && name.utf8.elementsEqual(route.utf8)
        case .of(let name): name.utf8.elementsEqual(route.utf8)
        case .all: true
        case .none: false
        }
    }
}
