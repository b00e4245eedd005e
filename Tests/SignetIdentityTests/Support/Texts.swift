import Testing

/// Everything that a program could print of a value without being asked for one of its members. None of it is empty.
func texts(of value: some Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    let texts = ["\(value)", String(reflecting: value), dumped]
    #expect(!texts.contains(""))
    return texts
}

/// The control characters: C0, DEL and C1.
let controlCharacters = (Array(0...0x1F) + Array(0x7F...0x9F)).compactMap(Unicode.Scalar.init).map(String.init)
