import Foundation

/// A file of captions, parsed but not yet understood.
struct EvaluationFile {
  /// As the user named it.
  let name: String
  /// Objects, texts or whatever else, in the order of the file.
  let records: [TokenizerJSON]
  /// Of a file that is one object, by record.
  let keys: [String]?

  /// Reads a JSON array, an object of objects, JSON Lines, or, where `readsLines`, plain lines.
  ///
  /// - Throws: `EvaluationError` where the file is missing, empty, not UTF-8 or broken off.
  init(_ path: String, expected: String, readsLines: Bool) throws(EvaluationError) {
    let url = URL(fileURLWithPath: path)
    var bytes = try Self.contents(of: url, expected: expected, name: path)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if let offset = UTF8Text.firstInvalidByte(in: bytes) {
      throw EvaluationError(.notUTF8(byteOffset: offset), place: path)
    }
    name = path
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    switch first {
    case nil: throw EvaluationError(.empty, place: path)
    case UInt8(ascii: "["):
      let document = try Self.parse(bytes, name: path)
      guard case .array(let elements) = document else {
        throw EvaluationError(.empty, place: path)
      }
      (records, keys) = (elements, nil)
    case UInt8(ascii: "{"):
      (records, keys) = try Self.objects(bytes, name: path)
    default:
      guard readsLines else {
        throw EvaluationError(
          .malformedJSON(line: 1, problem: "expected \"[\" or \"{\""), place: path)
      }
      let lines = bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
      (records, keys) = (lines.map { .string(Array($0)) }, nil)
    }
  }

  /// - Parameter name: What errors call the file, if not by its path.
  static func contents(
    of url: URL, expected: String, name: String? = nil
  ) throws(EvaluationError) -> [UInt8] {
    let name = name ?? url.path
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EvaluationError(.missing(expected), place: name)
    }
    do {
      return [UInt8](try Data(contentsOf: url))
    } catch {
      throw EvaluationError(.unreadable(error.localizedDescription), place: name)
    }
  }

  /// JSON Lines, one record spread over lines, or one object that holds all records.
  private static func objects(
    _ bytes: [UInt8], name: String
  ) throws(EvaluationError) -> (records: [TokenizerJSON], keys: [String]?) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let filled = lines.indices.filter { !lines[$0].allSatisfy { [0x20, 0x09, 0x0D].contains($0) } }
    let isLines =
      filled.count > 1 && (try? TokenizerJSON(parsing: Array(lines[filled[0]]), path: name)) != nil
    if isLines {
      var records: [TokenizerJSON] = []
      for index in filled {
        records.append(try parse(Array(lines[index]), name: name, line: index + 1))
      }
      return (records, nil)
    }
    let document = try parse(bytes, name: name)
    guard case .object(let members) = document else { return ([document], nil) }
    let holdsRecords = members.allSatisfy {
      if case .object = $0.value { true } else { false }
    }
    guard holdsRecords else { return ([document], nil) }
    return (members.map(\.value), members.map { String(decoding: $0.key, as: UTF8.self) })
  }

  static func parse(
    _ bytes: [UInt8], name: String, line: Int = 1
  ) throws(EvaluationError) -> TokenizerJSON {
    do {
      return try TokenizerJSON(parsing: bytes, path: name)
    } catch {
      switch error.reason {
      case .malformedJSON(let found, let problem):
        throw EvaluationError(
          .malformedJSON(line: line + found - 1, problem: problem), place: name)
      case .notUTF8(let offset):
        throw EvaluationError(.notUTF8(byteOffset: offset), place: name)
      default: throw EvaluationError(.unreadable("\(error)"), place: name)
      }
    }
  }
}

extension EvaluationFile {
  /// The text or texts in the first of the named fields that a record has, with the field's name.
  func texts(
    _ names: [String], of record: Int
  ) throws(EvaluationError) -> (name: String, texts: [String])? {
    guard case .object = records[record] else {
      throw error(record, nil, found: records[record].kind, expected: "an object")
    }
    for name in names {
      guard let value = records[record][name], value != .null else { continue }
      return (name, try texts(value, record, name))
    }
    return nil
  }

  /// The texts of a record that is itself one, or has one in one of the named fields.
  func texts(of record: Int, orIn names: [String]) throws(EvaluationError) -> [String] {
    if case .object = records[record] {
      if let found = try texts(names, of: record) { return found.texts }
      throw EvaluationError(.missingField(record: record + 1, names: names), place: name)
    }
    return try texts(records[record], record, nil)
  }

  /// A text, or a number as an id may be one.
  func id(_ names: [String], of record: Int) throws(EvaluationError) -> String? {
    for name in names {
      switch records[record][name] {
      case nil, .null: continue
      case .string(let bytes): return String(decoding: bytes, as: UTF8.self)
      case .integer(let number): return "\(number)"
      case .some(let other):
        throw error(record, name, found: other.kind, expected: "a text or a whole number")
      }
    }
    return nil
  }

  private func texts(
    _ value: TokenizerJSON, _ record: Int, _ field: String?
  ) throws(EvaluationError) -> [String] {
    switch value {
    case .string(let bytes): return [String(decoding: bytes, as: UTF8.self)]
    case .array(let elements):
      var texts: [String] = []
      for element in elements {
        guard case .string(let bytes) = element else {
          throw error(record, field, found: element.kind, expected: "texts in the list")
        }
        texts.append(String(decoding: bytes, as: UTF8.self))
      }
      return texts
    default: throw error(record, field, found: value.kind, expected: "a text or a list of texts")
    }
  }

  func error(
    _ record: Int, _ field: String?, found: String, expected: String
  ) -> EvaluationError {
    EvaluationError(
      .value(record: record + 1, field: field, found: found, expected: expected), place: name)
  }
}
