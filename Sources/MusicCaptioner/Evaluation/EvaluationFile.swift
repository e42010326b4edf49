import Foundation

/// A file of captions, parsed into records but not interpreted.
package struct EvaluationFile {
  /// As the user named it.
  package let name: String
  /// Objects, texts or other values, in file order.
  package let records: [JSONValue]
  /// For a file that is one object, the key of each record.
  package let keys: [String]?
  /// Whether it is a table of texts, where a list of texts is one text, as Python prints it.
  private let isTable: Bool

  /// Reads a table (CSV or TSV, by the file extension), a JSON array, an object of objects, JSON
  /// Lines, or, if `readsLines`, plain lines.
  ///
  /// - Throws: `EvaluationError` if the file is missing, empty, not UTF-8 or cut off.
  package init(_ path: String, expected: String, readsLines: Bool) throws(EvaluationError) {
    name = path
    let bytes = try Self.contents(of: URL(fileURLWithPath: path), expected: expected, name: path)
    let separator = TableReader.separator(of: path)
    do throws(FileError) {
      if let separator {
        (records, keys) = (try Self.rows(bytes, path, separator), nil)
      } else if readsLines, let lines = try Self.plainLines(bytes, path) {
        (records, keys) = (lines.map(JSONValue.text), nil)
      } else {
        (records, keys) = try Self.json(bytes, path)
      }
      isTable = separator != nil
    } catch {
      throw EvaluationError(error, in: bytes, isTable: separator != nil)
    }
    let isBlank = bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    if records.isEmpty, isBlank || isTable { throw EvaluationError(.empty, file: path) }
  }

  /// - Parameter name: The file's name in errors, if not its path.
  package static func contents(
    of url: URL, expected: String, name: String? = nil
  ) throws(EvaluationError) -> [UInt8] {
    do throws(FileError) {
      return try ByteReader.contents(of: url, name: name)
    } catch {
      throw EvaluationError(error.expecting(expected))
    }
  }

  private static func rows(
    _ bytes: [UInt8], _ name: String, _ separator: UInt8
  ) throws(FileError) -> [JSONValue] {
    var reader = try CSVReader(try ByteReader(bytes, name: name), separator: separator)
    var records: [JSONValue] = []
    while let row = try reader.next(keepsEmpty: true) { records.append(.object(row.fields)) }
    return records
  }

  /// Nil if the content begins like JSON.
  private static func plainLines(
    _ bytes: [UInt8], _ name: String
  ) throws(FileError) -> [String]? {
    var input = try ByteReader(bytes, name: name)
    var start = input
    while let byte = try start.peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
      _ = try start.next()
    }
    guard let first = try start.peek(), first != UInt8(ascii: "["), first != UInt8(ascii: "{")
    else { return nil }
    var lines: [String] = []
    while try input.peek() != nil {
      var line: [UInt8] = []
      let number = input.line
      try input.takeRun(into: &line) { $0 == 0x0A || $0 == 0x0D }
      _ = try input.next()
      guard let text = String(validating: line, as: UTF8.self) else {
        throw FileError(.notUTF8(line: number), .read, name)
      }
      if !text.isEmpty { lines.append(text) }
    }
    return lines
  }

  /// An array, JSON Lines, a single record, or one object that contains all records.
  private static func json(
    _ bytes: [UInt8], _ name: String
  ) throws(FileError) -> (records: [JSONValue], keys: [String]?) {
    var reader = JSONReader(try ByteReader(bytes, name: name), limitsElements: false)
    var records: [JSONValue] = []
    while let element = try reader.nextElement() { records.append(element.value) }
    guard !reader.isArray, records.count == 1, case .object(let object) = records[0] else {
      return (records, nil)
    }
    let holdsRecords = object.members.allSatisfy {
      if case .object = $0.value { true } else { false }
    }
    guard holdsRecords else { return (records, nil) }
    return (object.members.map(\.value), object.members.map(\.key))
  }
}

extension EvaluationError {
  /// An error in a file's content.
  fileprivate init(_ error: FileError, in bytes: [UInt8], isTable: Bool = false) {
    let line = error.line ?? 1
    let reason: Reason =
      if let offset = UTF8Text.firstInvalidByte(in: bytes) {
        .notUTF8(byteOffset: offset)
      } else if isTable {
        .malformedTable(line: line, problem: error.problem)
      } else {
        .malformedJSON(line: line, problem: error.problem)
      }
    self.init(reason, file: error.file)
  }
}

extension JSONValue {
  /// The single value in a model's JSON file.
  package init(contentsOf url: URL, expected: String) throws(EvaluationError) {
    let bytes = try EvaluationFile.contents(of: url, expected: expected)
    do throws(FileError) {
      self = try JSONReader.document(bytes, name: url.path, dialect: .strict)
    } catch {
      throw EvaluationError(error, in: bytes)
    }
  }
}

extension EvaluationFile {
  /// The text or texts in the first of the named fields that a record has, with the field's name.
  ///
  /// - Parameter areLists: Whether a text in a table that begins with a bracket is a list of texts.
  package func texts(
    _ names: [String], of record: Int, areLists: Bool = true
  ) throws(EvaluationError) -> (name: String, texts: [String])? {
    guard case .object = records[record] else {
      throw error(record, nil, found: records[record].kind, expected: "an object")
    }
    for name in names {
      guard let value = records[record][name], value != .null else { continue }
      if isTable, areLists, case .text(let text) = value, text.hasPrefix("["),
        let texts = try? parsePythonList(text)
      {
        return (name, texts)
      }
      return (name, try texts(value, record, name))
    }
    return nil
  }

  /// The texts of a record that is itself a text, or has one in one of the named fields.
  package func texts(of record: Int, orIn names: [String]) throws(EvaluationError) -> [String] {
    if case .object = records[record] {
      if let found = try texts(names, of: record) { return found.texts }
      throw EvaluationError(.missingField(record: record + 1, names: names), file: name)
    }
    return try texts(records[record], record, nil)
  }

  /// A text, or a number, since ids may be numbers.
  package func id(_ names: [String], of record: Int) throws(EvaluationError) -> String? {
    for name in names {
      switch records[record][name] {
      case nil, .null: continue
      case .text("") where isTable: continue
      case .text(let text): return text
      case .some(let other):
        if let number = other.integer { return "\(number)" }
        throw error(record, name, found: other.kind, expected: "a text or a whole number")
      }
    }
    return nil
  }

  private func texts(
    _ value: JSONValue, _ record: Int, _ field: String?
  ) throws(EvaluationError) -> [String] {
    switch value {
    case .text(let text): return [text]
    case .list(let elements):
      var texts: [String] = []
      for element in elements {
        guard case .text(let text) = element else {
          throw error(record, field, found: element.kind, expected: "texts in the list")
        }
        texts.append(text)
      }
      return texts
    default: throw error(record, field, found: value.kind, expected: "a text or a list of texts")
    }
  }

  package func error(
    _ record: Int, _ field: String?, found: String, expected: String
  ) -> EvaluationError {
    EvaluationError(
      .value(record: record + 1, field: field, found: found, expected: expected), file: name)
  }
}
