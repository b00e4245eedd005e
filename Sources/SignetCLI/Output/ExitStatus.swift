/// How the command ends.
enum ExitStatus: Int32 {
    /// It was done.
    case done = 0
    /// The answer is no: an invalid token, a failed check, an identity the vendor's form cannot hold.
    case no = 1
    /// Wrong use or wrong configuration.
    case wrongUse = 2
    /// Something outside Signet failed: a file, a socket, a vendor.
    case outside = 3
}
