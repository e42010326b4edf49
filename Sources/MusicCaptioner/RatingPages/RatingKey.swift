import Foundation

/// Which system wrote which caption of a rating page.
///
/// It is stored in the page and in the ratings as base64, so that raters don't see it; it is not a
/// secret.
package struct RatingKey: Sendable, Equatable {
  /// The names of the systems, taken from the files of predictions.
  package let a: String
  package let b: String
  /// For each item, whether the first caption is B's: "0" or "1".
  private let sides: String

  init(a: String, b: String, isSwapped: [Bool]) {
    (self.a, self.b) = (a, b)
    sides = String(isSwapped.map { $0 ? "1" : "0" })
  }

  /// For each item, whether the first caption is B's.
  var isSwapped: [Bool] { sides.utf8.map { $0 == UInt8(ascii: "1") } }

  var encoded: String {
    let fields: JSONObject = ["a": .text(a), "b": .text(b), "sides": .text(sides)]
    return Data(JSONWriter.text(.object(fields), .compact).utf8).base64EncodedString()
  }

  /// Nil if the text is not a valid key.
  init?(encoded: String) {
    guard let data = Data(base64Encoded: encoded),
      let json = try? JSONReader.document(Array(data), name: "key", dialect: .strict),
      case .text(let a)? = json["a"], case .text(let b)? = json["b"],
      case .text(let sides)? = json["sides"],
      sides.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") })
    else { return nil }
    (self.a, self.b, self.sides) = (a, b, sides)
  }
}
