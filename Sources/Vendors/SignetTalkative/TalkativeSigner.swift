import SignetIdentity
import SignetJOSE
import SignetSystem

/// Prepares interaction data for one Talkative widget.
///
/// The format has neither expiry nor replay protection: a captured string stays valid until the key is replaced. So sign on
/// demand, give the result to the page only after login, and add an "issued at" field.
struct TalkativeSigner: IdentitySigner {
    private let fields: [EncodedField]

    /// A field with its constant parts encoded.
    private struct EncodedField {
        let label: String
        let value: MappedValue
        /// `"label":"…"`
        let labelMember: [UInt8]
    }

    private static let typeMember = Array(#""type":"string""#.utf8)

    init(settings: TalkativeSettings) {
        fields = settings.fields.map { field in
            let label = JSONWriter.bytes(of: .string(field.label))
            return EncodedField(
                label: field.label, value: field.value, labelMember: Array(#""label":"#.utf8) + label)
        }
    }

    func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "Talkative has no signed data for an anonymous visitor")
        }
        let entries = try entries(for: customer, in: context)
        payload.json { writer in
            writer.beginArray()
            for (field, data) in entries { Self.write(field, data, to: &writer) }
            writer.endArray()
        }
        return .browser(.signedInteractionData)
    }

    private func entries(
        for customer: Customer, in context: SigningContext
    ) throws(SignetError) -> [(EncodedField, data: String)] {
        var entries: [(EncodedField, data: String)] = []
        entries.reserveCapacity(fields.count)
        for field in fields {
            let data = try field.value.value(
                for: customer, in: context, place: "Talkative field \(JSONWriter.text(of: .string(field.label)))")
            if let data { entries.append((field, data)) }
        }
        guard !entries.isEmpty else {
            throw SignetError(
                SigningFault.incomplete, "none of the Talkative fields has a value",
                hint: "add a field from \"subject\"")
        }
        return entries
    }

    private static func write(_ field: EncodedField, _ data: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.encoded(field.labelMember)
        writer.name("data")
        writer.string(data)
        writer.encoded(typeMember)
        writer.endObject()
    }

    // MARK: Verification

    func check(_ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport) {
        guard let entries = payload.array else {
            report.note("array", .fail, "the payload is not an array: Talkative's format is not a JWT")
            return
        }
        report.note(
            "array", entries.isEmpty ? .warn : .ok, entries.isEmpty ? "the array is empty" : "an array of entries")
        Self.checkEntries(entries, in: &report)
    }

    private static func checkEntries(_ entries: [JSONValue], in report: inout VerificationReport) {
        for (index, entry) in entries.enumerated() {
            if let fault = fault(of: entry) {
                report.note("entries", .fail, "entry \(index + 1) \(fault)")
                return
            }
        }
        report.note("entries", .ok, "every entry is exactly label, data and type, and type is \"string\"")
        let labels = entries.compactMap { $0["label"]?.string }.map { Array($0.utf8) }
        if Set(labels).count != labels.count { report.note("labels", .warn, "a label occurs twice") }
    }

    private static func fault(of entry: JSONValue) -> String? {
        guard let members = entry.members else { return "is not an object" }
        for name in ["label", "data", "type"] {
            guard let value = entry[name] else { return "has no \"\(name)\"" }
            guard value.string != nil else { return "has a \"\(name)\" that is not a string" }
        }
        if members.count != 3 { return "has a member besides label, data and type" }
        if entry["type"]?.string?.utf8.elementsEqual("string".utf8) != true {
            return "has another type than \"string\""
        }
        return nil
    }
}

extension BadgeKind {
    /// The compact JWS for a Talkative widget.
    public static let signedInteractionData = BadgeKind(rawValue: "signedInteractionData")
}
