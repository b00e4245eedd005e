/// The control characters: C0, DEL and C1.
let controlCharacters = (Array(0...0x1F) + Array(0x7F...0x9F)).compactMap(Unicode.Scalar.init).map(String.init)
