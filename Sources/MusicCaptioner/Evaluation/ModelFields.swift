import Foundation

/// The fields of a JSON file in a model's folder.
struct ModelFields {
  private let json: TokenizerJSON
  private let path: String

  init(contentsOf url: URL, expected: String) throws(EvaluationError) {
    path = url.path
    let bytes = try EvaluationFile.contents(of: url, expected: expected)
    json = try EvaluationFile.parse(bytes, name: path)
  }

  func has(_ name: String) -> Bool { json[name].map { $0 != .null } ?? false }

  func error(_ name: String, found: String, expected: String) -> EvaluationError {
    EvaluationError(
      .unsupportedModel(field: name, found: found, expected: expected), place: path)
  }

  func expect(_ name: String, _ expected: String) throws(EvaluationError) {
    guard json[name] == .string(Array(expected.utf8)) else {
      throw error(name, found: json[name]?.kind ?? "missing", expected: "\"\(expected)\"")
    }
  }

  /// The one of `choices` that the field names.
  func choice<Choice: RawRepresentable<String>>(
    _ name: String, of choices: [Choice]
  ) throws(EvaluationError) -> Choice {
    for choice in choices where json[name] == .string(Array(choice.rawValue.utf8)) {
      return choice
    }
    throw error(
      name, found: json[name]?.kind ?? "missing",
      expected: choices.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(EvaluationError) -> Int {
    guard case .integer(let value) = json[name], range.contains(value) else {
      throw error(
        name, found: json[name]?.kind ?? "missing",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func positiveNumber(_ name: String) throws(EvaluationError) -> Float {
    switch json[name] {
    case .number(let value) where value > 0 && value < 1: return Float(value)
    case let other:
      throw error(name, found: other?.kind ?? "missing", expected: "a number between 0 and 1")
    }
  }

  /// A whole number, or nil where there is none or it's too large for one.
  func optionalInteger(_ name: String) -> Int? {
    if case .integer(let value) = json[name] { value } else { nil }
  }
}
