// Shown in README.md, letter by letter from the next line on.
import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What your site answers to its own page. `customer` is whom your login knows, never what the page says.
func chatBadge(
    for customer: (id: String, email: String)?, page: Data, from gateway: URL, token: String
) async -> Data {
    do {
        var body: [String: Any] = customer.map { ["subject": $0.id, "email": $0.email] } ?? ["anonymous": true]
        body["page"] = try JSONSerialization.jsonObject(with: page.isEmpty ? Data("{}".utf8) : page)
        var request = URLRequest(url: gateway.appending(path: "v1/routes/talkative/badge"), timeoutInterval: 15)
        request.httpMethod = "POST"
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        let (answer, response) = try await URLSession.shared.data(for: request)
        if (response as? HTTPURLResponse)?.statusCode == 200 { return answer }
        print("no badge:", String(decoding: answer, as: UTF8.self))
    } catch { print("no badge:", error.localizedDescription) }
    return Data(#"{"badge":null}"#.utf8)  // without a badge the page goes on all the same
}
