import Testing

/// All texts that printing a value can give: its description, its debug description and its dump. None of them is empty.
package func texts(of value: some Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    let texts = ["\(value)", String(reflecting: value), dumped]
    #expect(!texts.contains(""))
    return texts
}
