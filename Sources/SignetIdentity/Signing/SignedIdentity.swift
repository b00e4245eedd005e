/// One vendor's signed form of one identity.
public struct SignedIdentity: Sendable {
    /// The vendor's name.
    public let vendor: String
    /// The connection it was signed for.
    public let connection: String
    /// The name of the key that signed. Never the key.
    public let key: String
    /// The token, and who may hold it.
    public let token: SignedToken
    /// The moment of signing.
    public let issuedAt: NumericDate
    /// The moment from which on the vendor refuses it, or nil for a form without one.
    public let expiresAt: NumericDate?

    /// Makes a signed identity.
    public init(
        vendor: String, connection: String, key: String, token: SignedToken, issuedAt: NumericDate,
        expiresAt: NumericDate?
    ) {
        self.vendor = vendor
        self.connection = connection
        self.key = key
        self.token = token
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

extension SignedIdentity: CustomStringConvertible, CustomDebugStringConvertible {
    /// Whose it is, without the token.
    public var description: String { "an identity signed for \(vendor) by \(connection)" }
    /// Whose it is, without the token.
    public var debugDescription: String { description }
}
