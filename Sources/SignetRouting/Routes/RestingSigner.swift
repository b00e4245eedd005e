import SignetIdentity
import SignetSystem

/// A signer whose keys all have their time at another moment: it verifies, and does not sign.
struct RestingSigner: IdentitySigner {
    let connection: String
    let signer: any IdentitySigner

    var refusal: SignetError {
        SignetError(
            SigningFault.noKey, "no key of connection \"\(connection)\" signs at this moment",
            hint: "\"notBefore\" and \"notAfter\" of its keys say when; signet check tells")
    }

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        // What is wrong with the request is wrong at any time, and told first. What comes of it is dropped.
        _ = try signer.sign(identity, in: context)
        throw refusal
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        signer.verify(token, in: context)
    }
}

/// The same, of a vendor that has to be called.
struct RestingDeliverer: BackendDelivering {
    let resting: RestingSigner
    let signer: any BackendDelivering

    func sign(_ identity: Identity, in context: SigningContext) throws(SignetError) -> SignedIdentity {
        try resting.sign(identity, in: context)
    }

    func verify(_ token: String, in context: VerificationContext) -> VerificationReport {
        signer.verify(token, in: context)
    }

    func delivery(of order: DeliveryOrder) throws(SignetError) -> Delivery {
        let delivery = try signer.delivery(of: order)
        guard case .calls = delivery else { return delivery }
        throw resting.refusal
    }
}

extension VendorConnection {
    /// The same connection while none of its keys signs.
    var resting: VendorConnection {
        let resting = RestingSigner(connection: name, signer: signer)
        let deliverer = (signer as? any BackendDelivering).map { RestingDeliverer(resting: resting, signer: $0) }
        return VendorConnection(
            name: name, vendor: vendor, signer: deliverer ?? resting as any IdentitySigner, widget: widget,
            values: values)
    }
}
