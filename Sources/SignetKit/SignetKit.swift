@_exported import SignetDG
@_exported import SignetIdentity
@_exported import SignetJOSE
@_exported import SignetPega
@_exported import SignetRouting
@_exported import SignetTalkative

extension [any VendorPlugin.Type] {
    /// The vendors that come with Signet. Adding one is one line here.
    public static var builtIn: [any VendorPlugin.Type] {
        [PegaPlugin.self, TalkativePlugin.self, DGPlugin.self]
    }
}
