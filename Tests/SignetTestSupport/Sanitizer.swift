import Foundation

/// Whether the tests run under a sanitizer: one maps terabytes for itself, and nothing else here does.
package enum Sanitizer {
    package static let isActive: Bool = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmSize:") } ?? ""
        let kilobytes = line.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }.first ?? 0
        return kilobytes > 1 << 32
    }()
}
