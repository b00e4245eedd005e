// swift-tools-version: 6.2
import PackageDescription

// A company's package: its own `signet`, with a vendor of its own next to the built-in ones, and no fork.

let package = Package(
    name: "own-signet",
    // Not "signet": of two products of one name SwiftPM builds the dependency's, without a word.
    products: [.executable(name: "acme-signet", targets: ["AcmeSignet"])],
    dependencies: [.package(name: "signet", path: "../..")],
    targets: [
        .target(name: "AcmeVendor", dependencies: [.product(name: "SignetKit", package: "signet")]),
        .executableTarget(
            name: "AcmeSignet",
            dependencies: [
                "AcmeVendor", .product(name: "SignetKit", package: "signet"),
                .product(name: "SignetCLI", package: "signet"),
            ]),
        .executableTarget(
            name: "AcmeConformance",
            dependencies: ["AcmeVendor", .product(name: "SignetKit", package: "signet")]),
    ],
    swiftLanguageModes: [.v6]
)
