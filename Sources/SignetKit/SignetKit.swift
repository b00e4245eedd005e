@_exported import SignetConfiguration
@_exported import SignetDG
@_exported import SignetIdentity
@_exported import SignetJOSE
@_exported import SignetPega
@_exported import SignetRouting
@_exported import SignetTalkative

@_exported import protocol SignetSystem.CodedError
@_exported import protocol SignetSystem.Redacted
@_exported import class SignetSystem.SecretBytes
@_exported import struct SignetSystem.SignetError

extension [any VendorPlugin.Type] {
    /// The vendors that are part of Signet.
    public static var builtIn: [any VendorPlugin.Type] {
        [PegaPlugin.self, TalkativePlugin.self, DGPlugin.self]
    }
}
