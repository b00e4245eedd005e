import Glibc

/// All fuzz targets by name. Each says what is wrong with an input, or nil.
private let targets: [String: @Sendable ([UInt8]) -> String?] = [
    "http-head": HTTPHeadFuzz.fault, "http-client": HTTPClientFuzz.fault,
    "token": TokenFuzz.fault, "json": JSONFuzz.fault, "pem": PEMFuzz.fault, "jwk": JWKFuzz.fault,
    "configuration": ConfigurationFuzz.fault,
]

private nonisolated(unsafe) var target: @Sendable ([UInt8]) -> String? = { _ in nil }

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// `signet-fuzz <target> [libFuzzer's options and folders]`.
///
/// SwiftPM has an executable begin at this name, and libFuzzer's own `main` with it.
@_cdecl("signet_fuzz_main")
func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let name = count > 1 ? arguments[1].map { String(cString: $0) } : nil
    guard let program = arguments[0], let name, let chosen = targets[name] else {
        fatalError("signet-fuzz: the first argument is one of \(targets.keys.sorted().joined(separator: ", "))")
    }
    target = chosen
    var count = count - 1
    // For -merge, libFuzzer starts itself again with its first argument.
    arguments[1] = strdup("\(String(cString: program)) \(name)")
    var rest: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments + 1
    return runDriver(&count, &rest) { bytes, count in
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        if let fault = target(input) { fatalError(fault) }
        return 0
    }
}
