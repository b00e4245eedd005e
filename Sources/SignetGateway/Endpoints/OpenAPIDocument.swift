/// The description of the API, as it stands in docs/openapi.json.
enum OpenAPIDocument {
    static let bytes = Array(text.utf8)
    private static let text = "{}"
}
