import Foundation
import SignetTestSupport
import Testing

/// One line of `Fixtures/http/framing.json`: what is sent, one byte for each character, and what comes of it.
struct FramingCase: Decodable, CustomTestStringConvertible, Sendable {
    enum Expectation: String, Decodable {
        case accepted, refused, closed
    }

    let name: String
    let send: Sending
    let expect: Expectation
    /// The case of `FramingFault`, or `library` where libmicrohttpd refuses by itself.
    var because: String?
    /// The targets that the handler is asked for.
    var asked: [String]?
    /// Whether the connection ends after the answer.
    var closes: Bool?
    var note: String?

    /// A text, or a list of texts and of `{"repeat": text, "times": number}`.
    struct Sending: Decodable {
        private struct Repetition: Decodable {
            let `repeat`: String
            let times: Int
        }

        let text: String

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self.text = text
                return
            }
            var list = try decoder.unkeyedContainer()
            var text = ""
            while !list.isAtEnd {
                if let part = try? list.decode(String.self) {
                    text += part
                } else {
                    let part = try list.decode(Repetition.self)
                    text += String(repeating: part.repeat, count: part.times)
                }
            }
            self.text = text
        }
    }

    var bytes: [UInt8] { send.text.unicodeScalars.map { UInt8($0.value) } }
    var testDescription: String { name }

    static let all: [FramingCase] = {
        do {
            return try JSONDecoder().decode([FramingCase].self, from: Data(Fixtures.bytes("http/framing.json")))
        } catch {
            fatalError("Fixtures/http/framing.json: \(error)")
        }
    }()

    static func all(_ expectation: Expectation) -> [FramingCase] { all.filter { $0.expect == expectation } }
}
