import Foundation

/// The fields of a JSON file in a model's folder.
struct ModelJSON {
  private let json: JSONValue
  private let path: String

  init(contentsOf url: URL, expected: String) throws(EvaluationError) {
    path = url.path
    json = try JSONValue(contentsOf: url, expected: expected)
  }

  func has(_ name: String) -> Bool { json[name].map { $0 != .null } ?? false }

  func error(_ name: String, found: String, expected: String) -> EvaluationError {
    EvaluationError(
      .unsupported(field: name, found: found, expected: expected), file: path)
  }

  func expect(_ name: String, _ expected: String) throws(EvaluationError) {
    guard json[name] == .text(expected) else {
      throw error(name, found: json[name]?.kind ?? "missing", expected: "\"\(expected)\"")
    }
  }

  /// The one of `choices` that the field contains.
  func choice<Choice: RawRepresentable<String>>(
    _ name: String, of choices: [Choice]
  ) throws(EvaluationError) -> Choice {
    for choice in choices where json[name] == .text(choice.rawValue) {
      return choice
    }
    throw error(
      name, found: json[name]?.kind ?? "missing",
      expected: choices.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(EvaluationError) -> Int {
    guard let value = json[name]?.integer, range.contains(value) else {
      throw error(
        name, found: json[name]?.kind ?? "missing",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func positiveNumber(_ name: String) throws(EvaluationError) -> Float {
    guard let value = json[name]?.double, value > 0, value < 1 else {
      throw error(
        name, found: json[name]?.kind ?? "missing", expected: "a number between 0 and 1")
    }
    return Float(value)
  }

  /// An integer, or nil if it is missing or too large.
  func optionalInteger(_ name: String) -> Int? {
    json[name]?.integer
  }
}
