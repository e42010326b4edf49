/// One row of a table: fields by name, and the line on which it begins.
package struct DataRecord {
  let file: String
  let line: Int
  let fields: JSONObject
  /// The file inside of the table that belongs to the row.
  var embedded: EmbeddedFile?
  /// The file of the table in which the row is.
  var table: TableFile?
  /// The split that the file, or the row's list in it, is named after.
  var split: String?
  /// Whether a missing value is written as a text, such as pandas' "NaN".
  var hasTextsForMissing = false

  /// The first of the named fields that is not empty.
  func value(_ names: [String]) -> (name: String, value: JSONValue)? {
    for name in names {
      if let value = fields[name], value != .null, value != .text("") { return (name, value) }
    }
    return nil
  }

  func error(_ field: String, found: String, expected: String) -> DataError {
    DataError(.value(found: found, expected: expected), file: file, line: line, field: field)
  }

  /// A text, or a number as written.
  func text(_ names: String...) throws(DataError) -> String? {
    guard let (name, value) = value(names) else { return nil }
    switch value {
    case .text(let text), .number(let text): return text
    default: throw error(name, found: value.kind, expected: "text")
    }
  }

  /// What no system goes beyond.
  private static let longestPath = 4096

  /// The path of a sound: a text, or the `path` of Hugging Face's `{"path": …, "bytes": null}`.
  func path(_ names: String...) throws(DataError) -> String? {
    guard let (name, value) = value(names) else { return nil }
    if case .text(let text)? = value["path"] { return text }
    let path = try text(name)
    // What is much longer than any path is the sound itself, which Parquet can have in a plain column.
    guard (path?.utf8.count ?? 0) <= Self.longestPath else {
      throw error(
        name, found: "the bytes of a sound, or a text too long for a path",
        expected: "a path, or sounds as structures {bytes, path}")
    }
    return path
  }

  /// A text that every row must have.
  func requiredText(_ names: String...) throws(DataError) -> String {
    for name in names {
      if let text = try text(name) { return text }
    }
    throw DataError(.missingField(names), file: file, line: line, field: names[0])
  }

  /// A time in seconds, 0 or more.
  func seconds(_ names: String...) throws(DataError) -> Double? {
    guard let (name, value) = value(names) else { return nil }
    let expected = "seconds, 0 or more"
    switch value {
    case .text(let text), .number(let text):
      guard let number = Double(text), number.isFinite, number >= 0, number < 1e9 else {
        throw error(name, found: value.kind, expected: expected)
      }
      return number
    default: throw error(name, found: value.kind, expected: expected)
    }
  }

  /// True or false, as written by JSON, Python and spreadsheets.
  func truth(_ name: String) throws(DataError) -> Bool? {
    guard let (_, value) = value([name]) else { return nil }
    switch value {
    case .truth(let truth): return truth
    case .text(let text), .number(let text):
      switch text.lowercased() {
      // pandas makes numbers of them where a value is missing.
      case "true", "1", "1.0", "yes": return true
      case "false", "0", "0.0", "no": return false
      default: throw error(name, found: value.kind, expected: "true or false")
      }
    default: throw error(name, found: value.kind, expected: "true or false")
    }
  }

  /// Words: a list of texts, a Python or JSON list written as text, or words separated by commas. None where
  /// pandas wrote that the value is missing.
  func words(_ names: String...) throws(DataError) -> [String] {
    let present = names.filter { name in
      guard case .text(let text)? = fields[name] else { return true }
      return !pythonWordsForMissing.contains(text)
    }
    guard let (name, value) = value(present) else { return [] }
    return try texts(value, field: name).compactMap { word in
      let trimmed = word.trimmingASCIIWhitespace()
      return trimmed.isEmpty ? nil : trimmed
    }
  }

  /// Whole sentences: one text, or a list of texts. A text with commas is one sentence, and so is one
  /// that begins with a quotation in parentheses, which for words would be a tuple.
  func sentences(_ name: String) throws(DataError) -> [String] {
    guard let (_, value) = value([name]) else { return [] }
    if case .text(let text) = value, !beginsPythonArray(text) {
      return hasTextsForMissing && pythonWordsForMissing.contains(text) ? [] : [text]
    }
    return try texts(value, field: name)
  }

  private func texts(_ value: JSONValue, field: String) throws(DataError) -> [String] {
    switch value {
    case .text(let text):
      guard beginsPythonList(text) else { return text.split(separator: ",").map(String.init) }
      do throws(PythonListFault) {
        return try parsePythonList(text)
      } catch {
        throw self.error(field, found: error.found, expected: error.expected)
      }
    case .list(let elements):
      var result: [String] = []
      result.reserveCapacity(elements.count)
      for element in elements {
        switch element {
        case .text(let text), .number(let text): result.append(text)
        case .null: continue
        default: throw error(field, found: element.kind, expected: "text in the list")
        }
      }
      return result
    default: throw error(field, found: value.kind, expected: "a list of texts")
    }
  }
}
