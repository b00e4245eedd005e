// swift-tools-version: 6.2
import PackageDescription

// No package dependency: OpenSSL, and libcurl for HTTP out. Imports point down this list only (docs/architecture.md).

// `make fuzz` builds signet-fuzz instead of the tests and the programs.
let isFuzzing = Context.environment["SIGNET_FUZZ"] != nil
let sanitizers = "-sanitize=fuzzer,address"

let settings: [SwiftSetting] =
    [.treatAllWarnings(as: .error), .enableUpcomingFeature("MemberImportVisibility")]
    + (isFuzzing ? [.unsafeFlags([sanitizers, "-enable-testing"])] : [])

func floor(_ name: String, on dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, of dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "signet",
    products: [
        .library(name: "SignetKit", targets: ["SignetKit"]),
        .library(name: "SignetGateway", targets: ["SignetGateway"]),
        .library(name: "SignetDelivery", targets: ["SignetDelivery"]),
        .library(name: "SignetCLI", targets: ["SignetCLI"]),
        .executable(name: "signet", targets: ["signet"]),
    ],
    targets: [
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        floor("SignetSystem", on: []),
        floor("SignetJOSE", on: ["SignetSystem", "COpenSSL"]),
        floor("SignetIdentity", on: ["SignetJOSE", "SignetSystem"]),
        floor("SignetPega", on: ["SignetIdentity", "SignetJOSE", "SignetSystem"], path: "Sources/Vendors/SignetPega"),
        floor(
            "SignetTalkative", on: ["SignetIdentity", "SignetJOSE", "SignetSystem"],
            path: "Sources/Vendors/SignetTalkative"),
        floor("SignetDG", on: ["SignetIdentity", "SignetJOSE", "SignetSystem"], path: "Sources/Vendors/SignetDG"),
        floor("SignetRouting", on: ["SignetIdentity", "SignetJOSE", "SignetSystem"]),
        floor("SignetConfiguration", on: ["SignetRouting", "SignetIdentity", "SignetJOSE", "SignetSystem"]),
        floor(
            "SignetKit",
            on: [
                "SignetConfiguration", "SignetRouting", "SignetPega", "SignetTalkative", "SignetDG", "SignetIdentity",
                "SignetJOSE", "SignetSystem",
            ]),
        floor(
            "SignetGateway",
            on: ["SignetConfiguration", "SignetRouting", "SignetIdentity", "SignetJOSE", "SignetSystem"]),
        floor("SignetDelivery", on: ["SignetGateway", "SignetIdentity", "SignetJOSE", "SignetSystem", "CCurl"]),
        .target(
            name: "SignetServer",
            dependencies: ["SignetGateway", "SignetIdentity", "SignetJOSE", "SignetSystem", "CTLS", "CLinux"],
            swiftSettings: settings + [.strictMemorySafety()]),
        floor("SignetSandbox", on: ["SignetGateway", "SignetIdentity", "SignetJOSE", "SignetSystem"]),
        floor(
            "SignetCLI",
            on: [
                "SignetServer", "SignetDelivery", "SignetSandbox", "SignetGateway", "SignetKit", "SignetConfiguration",
                "SignetRouting",
                "SignetIdentity", "SignetJOSE", "SignetSystem",
            ]),
        .executableTarget(
            name: "signet-bench", dependencies: ["SignetServer", "SignetGateway", "SignetJOSE", "SignetSystem"],
            path: "Sources/SignetBenchmarks", swiftSettings: settings),
        .executableTarget(name: "signet", dependencies: ["SignetCLI", "SignetKit"], swiftSettings: settings),

        floor(
            "SignetTestSupport", on: ["SignetIdentity", "SignetJOSE", "SignetSystem"], path: "Tests/SignetTestSupport"),
        tests("SignetJOSETests", of: ["SignetTestSupport", "SignetJOSE", "SignetSystem", "COpenSSL"]),
        tests("SignetIdentityTests", of: ["SignetTestSupport", "SignetIdentity", "SignetJOSE", "SignetSystem"]),
        tests(
            "SignetVendorTests",
            of: [
                "SignetTestSupport", "SignetPega", "SignetTalkative", "SignetDG", "SignetIdentity", "SignetJOSE",
                "SignetSystem",
            ]),
        tests("SignetKitTests", of: ["SignetKit"]),
        tests(
            "SignetRoutingTests",
            of: [
                "SignetTestSupport", "SignetConfiguration", "SignetRouting", "SignetKit", "SignetPega", "SignetDG",
                "SignetIdentity",
                "SignetJOSE", "SignetSystem",
            ]),
        tests(
            "SignetFuzzTests",
            of: [
                "SignetTestSupport", "SignetKit", "SignetRouting", "SignetPega",
                "SignetTalkative", "SignetDG",
                "SignetIdentity", "SignetJOSE", "SignetSystem",
            ]),
        tests(
            "SignetGatewayTests",
            of: [
                "SignetTestSupport", "SignetGateway", "SignetKit", "SignetConfiguration", "SignetRouting",
                "SignetIdentity", "SignetJOSE", "SignetSystem",
            ]),
        tests(
            "SignetServerTests",
            of: ["SignetTestSupport", "SignetServer", "SignetGateway", "SignetIdentity", "SignetJOSE", "SignetSystem"]),
        tests(
            "SignetDeliveryTests",
            of: [
                "SignetTestSupport", "SignetDelivery", "SignetSandbox", "SignetServer", "SignetGateway", "SignetKit",
                "SignetConfiguration",
                "SignetIdentity", "SignetJOSE", "SignetSystem",
            ]),
        tests(
            "SignetCLITests",
            of: [
                "SignetTestSupport", "signet", "SignetCLI", "SignetServer", "SignetGateway", "SignetKit",
                "SignetConfiguration", "SignetIdentity", "SignetJOSE", "SignetSystem",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

if isFuzzing {
    package.products = []
    package.targets.removeAll { $0.type == .test || $0.type == .executable || $0.path?.hasPrefix("Tests/") == true }
    package.targets.append(
        .executableTarget(
            name: "signet-fuzz",
            dependencies: [
                "SignetServer", "SignetGateway", "SignetKit", "SignetConfiguration", "SignetRouting", "SignetPega",
                "SignetTalkative",
                "SignetDG", "SignetIdentity", "SignetJOSE", "SignetSystem",
            ],
            path: "Tests",
            sources: [
                "Fuzz/Main.swift", "SignetServerTests/Script", "SignetServerTests/Fuzz", "SignetFuzzTests/Targets",
            ],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
            // gold does not link it: libFuzzer's main is a second one.
            linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]))
}
