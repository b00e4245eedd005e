import SignetConfiguration
import SignetIdentity
import SignetRouting

/// The steps at the vendor during a key rotation, so that at every moment one key is valid on both sides.
struct RotationAdvice {
    let connection: ConfiguredConnection
    /// The new key.
    let next: String
    let invocation: Invocation

    private var vendor: Vendor { connection.vendor }
    private var rotation: KeyRotation { vendor.rotation }
    private var name: String { connection.entry.name }
    private var promote: String { invocation.command("keys promote \(name) \(next)") }

    /// The steps after `keys rotate`.
    func afterRotating(into path: String, isSecret: Bool) -> [String] {
        let first: String
        if !isSecret {
            first = "paste this PEM at \(vendor.title): \(rotation.place)"
        } else if rotation.maker == .signet {
            first = "give \(vendor.title) the secret in \(path): \(rotation.place)"
        } else {
            first = "replace the placeholder secret in \(path) by \(vendor.title)'s new secret: \(rotation.place)"
        }
        let isPlaceholder = isSecret && rotation.maker == .vendor
        let steps = [first] + takeover(isPlaceholder: isPlaceholder)
        if rotation.severalKeys == .accepted {
            return steps + ["\(rotation.overlap); then run \(promote)"]
        }
        let ready =
            isPlaceholder
            ? "prepare this command, which takes the secret and promotes the key: cat > \(ShellCommand.quoted(path)) && \(promote)"
            : "prepare the change at \(vendor.title), make it, and at once run: \(promote)"
        return steps + ["\(rotation.overlap). Plan to change both sides at the same moment: \(ready)"]
    }

    /// If the current keys end at some time, the next key then signs without being promoted.
    private func takeover(isPlaceholder: Bool) -> [String] {
        guard let gap = connection.schedule.gap(from: .now) else { return [] }
        let end = "from \(gap.start.rfc3339) on no other key of \(name) signs"
        return [
            isPlaceholder
                ? "\(end). A placeholder secret never signs: replace it before that time, and \(next) then signs without a promotion"
                : "\(end). \(next) then signs without a promotion: \(vendor.title) has to have it before that time"
        ]
    }

    /// The steps after `keys promote`.
    ///
    /// - Parameter lifetime: How long a token of the old key is valid, in seconds; nil if it does not expire.
    func afterPromoting(lifetime: Int64?) -> [String] {
        // If the promoted key signed already, by its time, the first key in the list is the old one.
        let hadSigned = connection.signing == next
        let old = hadSigned ? connection.entry.keys[0] : connection.signing
        let retire = invocation.command("keys retire \(name) \(old)")
        let wait: String
        if let lifetime {
            wait =
                "tokens of \(old) are valid for up to \(DurationText.text(lifetime * 1000)): wait that long, then run \(retire)"
        } else {
            wait =
                "tokens of \(old) do not expire: remove the key at \(vendor.title) to end them, then run \(retire)"
        }
        if rotation.severalKeys == .accepted || hadSigned { return [wait] }
        return [
            "\(rotation.overlap). The gateway signs with \(next) within a second. If \(vendor.title) still has the old key,"
                + " change it now: \(rotation.place)",
            wait,
        ]
    }
}
