import Foundation

/// A file of captions, parsed into records but not interpreted.
package struct EvaluationFile {
  /// As the user named it.
  package let name: String
  /// Objects, texts or other values, in file order.
  package let records: [JSONValue]
  /// Whether it is a table of texts, where a list of texts is one text, as Python prints it.
  private let isTable: Bool
  /// Whether a missing value is written as a text: empty, or one of pandas' words.
  private let hasTextsForMissing: Bool
  /// Where the records of each file begin, if there are several.
  private var parts: [(name: String, first: Int)] = []

  /// Reads every table that `TableReader` reads, and, if `readsLines`, plain lines. A file whose name
  /// tells no format is JSON.
  ///
  /// - Throws: `EvaluationError` if the file is missing, empty, not UTF-8 or cut off.
  package init(_ path: String, expected: String, readsLines: Bool) throws(EvaluationError) {
    name = path
    guard !path.isEmpty else {
      throw EvaluationError(FileError(.missing, .read, "\"\"").expecting(expected))
    }
    let url = PathName.url(path)
    var records: [JSONValue] = []
    var format: TableFormat?
    do throws(FileError) {
      var reader = try TableReader(
        url, name: path, fallback: readsLines ? .jsonOrLines : .json, keepsEmpty: true)
      format = reader.format
      while let row = try reader.next() {
        if reader.file.name != parts.last?.name { parts.append((reader.file.name, records.count)) }
        records.append(row.value)
      }
    } catch {
      let format = format ?? TableFormat(name: path) ?? .json
      throw EvaluationError(error, reading: url, as: format, expected: expected)
    }
    if format == .json, !TableFormat.isLines(path), records.count == 1,
      let texts = records[0].recordsOfTexts
    {
      records = texts
    }
    self.records = records
    isTable = format?.hasTextsForLists ?? false
    hasTextsForMissing = format?.hasTextsForMissing ?? false
    guard !records.isEmpty else { throw EvaluationError(.empty, file: path) }
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
}

extension JSONValue {
  /// The texts of `{"id": "caption", "id": "caption"}`, each as a record with both; nil if this is a record
  /// itself.
  fileprivate var recordsOfTexts: [JSONValue]? {
    guard case .object(let object) = self, object.members.count > 1 else { return nil }
    var records: [JSONValue] = []
    for member in object.members {
      guard case .text = member.value, !TableColumns.all.contains(member.key.lowercased()) else {
        return nil
      }
      records.append(.object(["id": .text(member.key), "caption": member.value]))
    }
    return records
  }
}

extension EvaluationError {
  /// An error in a file's content.
  init(_ error: FileError, in bytes: [UInt8]) {
    let reason: Reason =
      if let offset = UTF8Text.firstInvalidByte(in: bytes) {
        .notUTF8(byteOffset: offset)
      } else {
        .malformedJSON(line: error.line ?? 1, problem: error.problem)
      }
    self.init(reason, file: error.file)
  }

  /// An error of a table.
  fileprivate init(
    _ error: FileError, reading url: URL, as format: TableFormat, expected: String
  ) {
    guard let line = error.line, format != .parquet else {
      self.init(error.expecting(expected))
      return
    }
    if (try? TableInput(url, name: error.file).signature) == .other,
      let bytes = try? ByteReader.contents(of: url),
      let offset = UTF8Text.firstInvalidByte(in: bytes)
    {
      self.init(.notUTF8(byteOffset: offset), file: error.file)
    } else if format == .json {
      self.init(.malformedJSON(line: line, problem: error.problem), file: error.file)
    } else {
      self.init(.malformedTable(line: line, problem: error.problem), file: error.file)
    }
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
  /// - Parameters:
  ///   - areLists: Whether a text in a table that begins with a bracket is a list of texts.
  ///   - takesEmpty: Whether an empty field of CSV is an empty text, and not a missing one.
  package func texts(
    _ names: [String], of record: Int, areLists: Bool = true, takesEmpty: Bool = false
  ) throws(EvaluationError) -> (name: String, texts: [String])? {
    guard case .object = records[record] else {
      throw error(record, nil, found: records[record].kind, expected: "an object")
    }
    for name in names {
      guard let value = records[record][name], value != .null else { continue }
      if isMissing(value), !(takesEmpty && value == .text("")) { continue }
      if isTable, areLists, case .text(let text) = value, text.hasPrefix("[") {
        do throws(PythonListFault) {
          return (name, try parsePythonList(text))
        } catch {
          // Any other text may begin with a bracket.
          guard !error.isIncomplete else {
            throw self.error(record, name, found: error.found, expected: error.expected)
          }
        }
      }
      return (name, try texts(value, record, name))
    }
    return nil
  }

  private func isMissing(_ value: JSONValue) -> Bool {
    guard hasTextsForMissing, case .text(let text) = value else { return false }
    return text.isEmpty || pythonWordsForMissing.contains(text)
  }

  /// Whether a record has one of the named fields, and each that it has is a missing one of CSV.
  func hasOnlyMissing(_ names: [String], of record: Int) -> Bool {
    let values = names.compactMap { records[record][$0] }
    return !values.isEmpty && values.allSatisfy(isMissing)
  }

  /// The texts of a record that is itself a text, or has one in one of the named fields.
  package func texts(of record: Int, orIn names: [String]) throws(EvaluationError) -> [String] {
    if case .object = records[record] {
      if let found = try texts(names, of: record) { return found.texts }
      throw missingField(record, names)
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
    let (file, number) = place(of: record)
    return EvaluationError(
      .value(record: number, field: field, found: found, expected: expected), file: file)
  }

  func missingField(_ record: Int, _ names: [String]) -> EvaluationError {
    let (file, number) = place(of: record)
    return EvaluationError(.missingField(record: number, names: names), file: file)
  }

  /// The file that a record is in, and its number there, counted from one.
  private func place(of record: Int) -> (file: String, number: Int) {
    guard let part = parts.last(where: { $0.first <= record }) else { return (name, record + 1) }
    return (part.name, record - part.first + 1)
  }
}
