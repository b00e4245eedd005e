import SignetIdentity
import SignetRouting

/// What to do at the vendor, and when, so that no customer meets the gap between two keys.
struct KeyAdvice {
    let connection: ConfiguredConnection
    /// The key that comes.
    let next: String

    private var vendor: Vendor { connection.vendor }
    private var rotation: KeyRotation { vendor.rotation }
    private var name: String { connection.entry.name }
    private var promote: String { "signet keys promote \(name) \(next)" }

    /// The steps after the key was made.
    func afterRotating(into path: String, isStandIn isSecret: Bool) -> [String] {
        let first: String
        if !isSecret {
            first = "paste this PEM at \(vendor.title): \(rotation.place)"
        } else if rotation.maker == .signet {
            first = "give \(vendor.title) the secret in \(path): \(rotation.place)"
        } else {
            first = "put \(vendor.title)'s new secret into \(path), in the place of the stand-in: \(rotation.place)"
        }
        if rotation.severalKeys == .accepted {
            return [first, "\(rotation.overlap); then \(promote)"]
        }
        let isShown = isSecret && rotation.maker == .vendor
        let ready =
            isShown
            ? "have this ready, to paste the secret and promote in one go: cat > \(path) && \(promote)"
            : "have \(vendor.title)'s side ready, change it, and at once: \(promote)"
        return [first, "\(rotation.overlap); plan for a hard cut-over: \(ready)"]
    }

    /// The steps after the key has begun to sign.
    ///
    /// - Parameter lifetime: How long what the old key signed is good for, in seconds; nil where it has no end.
    func afterPromoting(lifetime: Int64?) -> [String] {
        // A key that signed already, by its time, came after one that does not.
        let hadSigned = connection.signing == next
        let old = hadSigned ? connection.entry.keys[0] : connection.signing
        let retire = "signet keys retire \(name) \(old)"
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
