import SignetConfiguration
import SignetIdentity
import SignetJOSE
import SignetRouting
import SignetSystem

/// A connection's next key: its name, its file, and its entry in the configuration.
struct NextKey {
    let name: String
    /// The file, as the configuration names it.
    let writtenPath: String
    /// The same file, relative to the current folder.
    let path: String
    /// The encoding of an HMAC secret's text; nil for a key pair.
    let encoding: SecretEncoding?
    let keyID: String?
    private let old: Configuration.KeyEntry
    /// The directory of the file.
    private let directory: String

    /// Decides on the next key.
    ///
    /// - Parameters:
    ///   - name: The name that `--name` gives; nil for the next free one.
    ///   - keyID: The `kid` that `--kid` gives.
    init(after connection: ConfiguredConnection, name: String?, keyID: String?) throws(CommandFailure) {
        guard let old = connection.key(connection.signing) else {
            throw CommandFailure(.wrongUse, "the connection \(connection.entry.name) has no key")
        }
        self.old = old
        try Self.check(keyID, connection)
        self.keyID = keyID
        let configuration = connection.configuration
        let rotation = connection.vendor.rotation
        // A secret that Signet makes is written in base64url, which is valid utf8 too.
        let isOwn = rotation.maker == .signet && old.encoding != .utf8
        encoding = old.encoding.map { isOwn ? .base64url : $0 }
        let folder = Self.folder(of: old, in: configuration)
        directory = folder.isEmpty ? configuration.source.directory : configuration.source.resolve(folder)
        let ending = old.algorithm == .es256 ? ["private.pem", "public.pem"] : ["secret"]
        let directory = directory
        let prefix = directory == "." ? "" : directory + "/"
        // The folder may not exist yet. Making the key reports any other fault of it.
        let opened = try? Directory(directory)
        func taken(_ name: String) -> String? {
            if configuration.keys.contains(where: { $0.name == name }) { return "the configuration has a key \(name)" }
            let there = ending.first { opened?.contains("\(name).\($0)") == true }
            return there.map { "\(prefix)\(name).\($0) exists" }
        }
        self.name = try Self.free(name, after: old.name, taken)
        path = "\(prefix)\(self.name).\(ending[0])"
        writtenPath = (folder.isEmpty ? "" : folder + "/") + "\(self.name).\(ending[0])"
    }

    // MARK: The name

    private static func free(
        _ name: String?, after old: String, _ taken: (String) -> String?
    ) throws(CommandFailure) -> String {
        if let name {
            _ = try Invocation.checkName(name)
            if let reason = taken(name) {
                throw CommandFailure(.wrongUse, "\(reason) already", hint: "choose another name with --name NAME")
            }
            return name
        }
        var candidate = following(old)
        while StringForm.name.accepts(candidate) {
            if taken(candidate) == nil { return candidate }
            candidate = following(candidate)
        }
        throw CommandFailure(.wrongUse, "no next name can be made from \(old)", hint: "choose one with --name NAME")
    }

    /// The name with the year or number at its end increased, or with `-2`.
    private static func following(_ name: String) -> String {
        let digits = String(name.reversed().prefix { ("0"..."9").contains($0) }.reversed())
        guard !digits.isEmpty, digits.count < name.count, let number = UInt64(digits), number < .max else {
            return name + "-2"
        }
        let next = String(number + 1)
        return name.dropLast(digits.count) + String(repeating: "0", count: max(0, digits.count - next.count)) + next
    }

    private static func check(_ keyID: String?, _ connection: ConfiguredConnection) throws(CommandFailure) {
        let vendor = connection.vendor
        switch (vendor.keyID, keyID) {
        case (.required, nil):
            throw CommandFailure(
                .wrongUse, "\(vendor.title) needs a \"kid\" for every key, and --kid is missing", hint: vendor.keyOrigin
            )
        case (.none, _?):
            throw CommandFailure(.wrongUse, "\(vendor.title) does not use a \"kid\"", hint: "leave --kid out")
        case (_, let keyID?):
            guard StringForm.text.accepts(keyID) else {
                throw CommandFailure(.wrongUse, "--kid needs the key id as the vendor shows it")
            }
            let other = connection.entry.keys.compactMap(connection.key).first { $0.keyID == keyID }
            if let other {
                throw CommandFailure(
                    .wrongUse, "the key \(other.name) has this kid already", hint: "every key needs its own kid")
            }
        case (_, nil): return
        }
    }

    /// The folder of the old key's file as the configuration has it; `keys` if the old key is not in a file.
    private static func folder(of old: Configuration.KeyEntry, in configuration: Configuration) -> String {
        let path = configuration.source.root.member("keys")?.value.member(old.name)?.value.member("file")?.value.string
        guard let path else { return "keys" }
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: The file and the entry

    /// Properties of the old key that the new one lacks.
    func doubts(for vendor: Vendor) -> [String] {
        var doubts: [String] = []
        if old.passphrase != nil, encoding == nil {
            doubts.append(
                "the file of \(old.name) is encrypted, and \(path) is not: encrypt it with openssl pkcs8 -topk8 and add"
                    + " \"passphrase\" to its entry")
        }
        if vendor.keyID == .optional, keyID == nil, old.keyID != nil {
            doubts.append("\(old.name) has a \"kid\", and \(name) has none: use --kid, or add \"kid\" to its entry")
        }
        return doubts
    }

    /// The files that were made.
    struct Made {
        fileprivate let directory: Directory
        fileprivate let names: [String]
        /// The public key for the vendor.
        let publicPEM: String?

        var paths: [String] { names.map(directory.path) }

        /// Removes them again.
        func remove() {
            for name in names { directory.remove(name) }
        }
    }

    /// Makes the file, or both files of a key pair. Users who can read the old key can read the new one, because the gateway often
    /// runs as another user than this command.
    func make(_ maker: KeyRotation.Maker) throws(CommandFailure) -> Made {
        let (directory, old) = (directory, old)
        let (opened, model) = try reporting {
            let model = try old.path.map(FileInformation.init(ofFile:))
            return (try Directory.make(directory), model)
        }
        let files = KeyFiles(directory: opened, name: name, model: model)
        guard let encoding else {
            let pair = try files.makeKeyPair(.pkcs8)
            return Made(directory: opened, names: [pair.privateName, pair.publicName], publicPEM: pair.publicPEM)
        }
        let name = maker == .signet ? try files.makeSecret() : try files.write(try PlaceholderSecret.make(encoding))
        return Made(directory: opened, names: [name], publicPEM: nil)
    }

    /// The members of its entry, in the order of the old one's.
    var members: [JSONMember] {
        var members = [JSONMember("file", .string(writtenPath))]
        if let encoding { members.append(JSONMember("encoding", .string(encoding.rawValue))) }
        if let keyID { members.append(JSONMember("kid", .string(keyID))) }
        if old.allowsShortSecret { members.append(JSONMember("allowShortSecret", true)) }
        return members
    }
}
