import SignetJOSE
import SignetRouting

/// What a caller may use.
enum RouteList {
    static func json(for caller: Caller, in router: Router) -> JSONValue {
        let routes = router.routes.routes.filter { caller.mayUse($0.name) }.map { route -> JSONValue in
            ["name": .string(route.name), "connections": .array(route.connections.map(JSONValue.string))]
        }
        return [
            "caller": .string(caller.name),
            "allow": .array(CallerRight.allCases.filter(caller.rights.contains).map { .string($0.rawValue) }),
            "routes": .array(routes),
        ]
    }
}
