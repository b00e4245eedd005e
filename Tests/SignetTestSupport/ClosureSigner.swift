import SignetIdentity
import SignetJOSE
import SignetSystem

/// A signer made of two closures. The default ones prepare `{"sub", "exp"}` for customers, and check `exp`.
package struct ClosureSigner: IdentitySigner {
    /// What `prepare` returns, and what it writes.
    package struct Prepared: Sendable {
        let identity: UnsignedIdentity
        package let write: @Sendable (inout JSONWriter) -> Void

        package init(_ identity: UnsignedIdentity, write: @escaping @Sendable (inout JSONWriter) -> Void) {
            self.identity = identity
            self.write = write
        }
    }

    package typealias Preparing = @Sendable (Identity, SigningContext) throws(SignetError) -> Prepared
    package typealias Checking = @Sendable (JSONValue, VerificationContext, inout VerificationReport) -> Void

    package static let lifetime: Int64 = 60

    private let preparing: Preparing
    private let checking: Checking

    package init(
        preparing: @escaping Preparing = prepared,
        checking: @escaping Checking = { payload, context, report in report.checkExpiry(payload, at: context.time) }
    ) {
        self.preparing = preparing
        self.checking = checking
    }

    /// What an untouched signer prepares.
    @Sendable package static func prepared(
        _ identity: Identity, _ context: SigningContext
    ) throws(SignetError) -> Prepared {
        guard case .customer(let customer) = identity else {
            throw SignetError(SigningFault.nothingToSign, "no anonymous visitors")
        }
        let expiresAt = context.time.advanced(by: lifetime)
        return Prepared(.browser(BadgeKind(rawValue: "pass"), expiresAt: expiresAt)) { writer in
            writer.value(["sub": .string(customer.subject), "exp": .number(JSONNumber(expiresAt.seconds))])
        }
    }

    package func prepare(
        _ identity: Identity, in context: SigningContext, into payload: inout PayloadWriter
    ) throws(SignetError) -> UnsignedIdentity {
        let prepared = try preparing(identity, context)
        payload.json(prepared.write)
        return prepared.identity
    }

    package func check(
        _ payload: JSONValue, in context: VerificationContext, into report: inout VerificationReport
    ) {
        checking(payload, context, &report)
    }

    /// A connection with this signer and a new HMAC key.
    package func connection(_ name: String = "test", values: [MappedValue] = []) throws(SignetError) -> VendorConnection
    {
        VendorConnection(
            name: name, vendor: name, signer: self,
            keys: ConnectionKeys(NamedKey(name: "key", key: .hs256(try HS256Key.generate()))), widget: Widget([]),
            values: values)
    }
}
