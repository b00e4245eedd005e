import SignetJOSE
import SignetSystem

/// The fuzz target `jwk`: what ``KeyFileCheck`` checks, of a JWK, and the same of a JWK Set.
enum JWKFuzz {
    /// What is wrong, or nil.
    static func fault(in input: [UInt8]) -> String? {
        if let fault = KeyFileCheck.fault(in: input) { return fault }
        do throws(SignetError) {
            let set = try JWKSet(contents: input)
            let text = JSONWriter.bytes(of: set.json)
            let again = try JWKSet(contents: text)
            guard set.keys.count == again.keys.count, zip(set.keys, again.keys).allSatisfy(KeyFileCheck.isSame),
                JSONWriter.bytes(of: again.json) == text
            else { return "another set comes of a JWK Set" }
            return nil
        } catch {
            return VisibleCheck.fault(of: error)
        }
    }
}
