import SignetConfiguration
import SignetIdentity
import SignetRouting

/// What to do at the vendor, and when, so that no customer meets the gap between two keys.
struct KeyAdvice {
    let connection: ConfiguredConnection
    /// The key that comes.
    let next: String
    /// What names the configuration in a command line, if it has to be named.
    let configurationWords: String

    private var vendor: Vendor { connection.vendor }
    private var rotation: KeyRotation { vendor.rotation }
    private var name: String { connection.entry.name }
    private var promote: String { "signet keys promote \(name) \(next)\(configurationWords)" }

    /// The steps after the key was made.
    func afterRotating(into path: String, isSecret: Bool) -> [String] {
        let first: String
        if !isSecret {
            first = "paste this PEM at \(vendor.title): \(rotation.place)"
        } else if rotation.maker == .signet {
            first = "give \(vendor.title) the secret in \(path): \(rotation.place)"
        } else {
            first = "put \(vendor.title)'s new secret into \(path), in the place of the placeholder: \(rotation.place)"
        }
        let isShown = isSecret && rotation.maker == .vendor
        let steps = [first] + takingOver(isStandIn: isShown)
        if rotation.severalKeys == .accepted {
            return steps + ["\(rotation.overlap); then \(promote)"]
        }
        let ready =
            isShown
            ? "have this ready, to paste the secret and promote in one go: cat > \(ShellWord.quoted(path)) && \(promote)"
            : "have \(vendor.title)'s side ready, change it, and at once: \(promote)"
        return steps + ["\(rotation.overlap); plan for a hard cut-over: \(ready)"]
    }

    /// What happens by itself, where the keys that are there have an end: the next one is as good as promoted then.
    private func takingOver(isStandIn: Bool) -> [String] {
        guard let gap = connection.schedule.gap(from: .now) else { return [] }
        let end = "from \(gap.start.rfc3339) on no other key of \(name) signs"
        return [
            isStandIn
                ? "\(end), and a placeholder never does: put the secret into its place before, and \(next) signs then by itself"
                : "\(end), and \(next) does by itself, promoted or not: have it at \(vendor.title) before"
        ]
    }

    /// The steps after the key has begun to sign.
    ///
    /// - Parameter lifetime: How long what the old key signed is good for, in seconds; nil where it has no end.
    func afterPromoting(lifetime: Int64?) -> [String] {
        // A key that signed already, by its time, came after one that does not.
        let hadSigned = connection.signing == next
        let old = hadSigned ? connection.entry.keys[0] : connection.signing
        let retire = "signet keys retire \(name) \(old)\(configurationWords)"
        let wait: String
        if let lifetime {
            wait =
                "tokens of \(old) are good for up to \(DurationText.text(lifetime * 1000)): wait that long, then \(retire)"
        } else {
            wait =
                "what \(old) signed has no end: it is good until \(vendor.title) no longer has the key; then \(retire)"
        }
        if rotation.severalKeys == .accepted || hadSigned { return [wait] }
        return [
            "\(rotation.overlap); the gateway signs with \(next) within a second: if \(vendor.title) still has the old key,"
                + " change it now: \(rotation.place)",
            wait,
        ]
    }
}
