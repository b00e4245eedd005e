// Shown in docs/login.md, letter by letter from the next line on.
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What your site answers at `/chat`, as JSON with `Cache-Control: no-store`. The names of `headers` are in lower case.
/// `login` is your own: it returns the customer of a session.
func chat(
    _ method: String, _ path: String, headers: [String: String], body: Data, from gateway: URL, token: String,
    login: (_ session: String) -> (id: String, email: String?)?
) async -> (status: Int, body: Data) {
    let none = Data(#"{"badge":null}"#.utf8)  // the page goes on without a badge
    let type = headers["content-type", default: ""].prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
    guard path == "/chat" else { return (404, none) }
    guard method == "POST" else { return (405, none) }
    guard type.lowercased() == "application/json" else { return (415, none) }
    guard headers["sec-fetch-site", default: "same-origin"] == "same-origin" else { return (403, none) }
    guard body.count <= 4096 else { return (413, none) }
    guard let page = String(validating: body, as: UTF8.self) else { return (200, none) }
    let cookies = headers["cookie", default: ""].unicodeScalars.split(separator: ";")
        .map { String($0).trimmingCharacters(in: .whitespaces) }
    let sessions = cookies.filter { $0.hasPrefix("session=") }.map { String($0.dropFirst(8)) }
    var identity: [String: Any] = ["anonymous": true]
    if let customer = sessions.compactMap(login).first {  // the session decides, never the page
        identity = ["subject": customer.id, "email": customer.email ?? ""]
    }
    identity["page"] = page  // the page's own text, as a string
    do {
        var request = URLRequest(url: gateway.appending(path: "v1/routes/talkative/badge"), timeoutInterval: 15)
        request.httpMethod = "POST"
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONSerialization.data(withJSONObject: identity)
        let (answer, response) = try await URLSession.shared.data(for: request)
        if (response as? HTTPURLResponse)?.statusCode == 200 { return (200, answer) }
        print("no badge:", String(decoding: answer, as: UTF8.self))
    } catch { print("no badge:", error.localizedDescription) }
    return (200, none)
}
