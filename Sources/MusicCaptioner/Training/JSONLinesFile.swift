import Foundation

/// One JSON object on one line, its keys in the order in which they were set.
///
/// `JSONEncoder` can't keep that order, and refuses numbers that are not finite: those are written
/// as `null`, which says that there was a value and that it was no number.
struct JSONLine: Sendable, Equatable {
  private var keys: [String] = []
  private var values: [String: String] = [:]

  init() {}

  mutating func set(_ key: String, _ value: Int) { set(key, json: "\(value)") }

  mutating func set(_ key: String, _ value: Double) {
    set(key, json: value.isFinite ? "\(value)" : "null")
  }

  mutating func set(_ key: String, _ value: String) { set(key, json: Self.quoted(value)) }

  mutating func set(_ key: String, _ value: [String]) {
    set(key, json: "[" + value.map(Self.quoted).joined(separator: ", ") + "]")
  }

  private mutating func set(_ key: String, json: String) {
    if values.updateValue(json, forKey: key) == nil { keys.append(key) }
  }

  /// The object, without the end of the line.
  var text: String {
    "{" + keys.map { "\(Self.quoted($0)): \(values[$0] ?? "null")" }.joined(separator: ", ") + "}"
  }

  private static func quoted(_ string: String) -> String {
    var quoted = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      // Besides control characters, the two line ends that some readers of lines split at.
      case "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// A log of JSON objects, one a line, each with the `step` that it belongs to.
struct JSONLinesFile: Sendable {
  private let file: AppendOnlyFile

  init(url: URL) { file = AppendOnlyFile(url: url) }

  var url: URL { file.url }

  /// - Throws: `CheckpointError` with the reason `cannotWrite`.
  func append(_ line: JSONLine) throws(CheckpointError) {
    try file.append(Array((line.text + "\n").utf8))
  }

  /// Drops what a resumed run will write again: lines of later steps than the checkpoint's, and
  /// those that a killed process left incomplete. A missing file is left missing.
  ///
  /// - Parameter key: Lines of the checkpoint's own step go as well where they have this key.
  /// - Throws: `CheckpointError` with the reason `cannotRead` or `cannotWrite`.
  func truncate(afterStep step: Int, orWith key: String? = nil) throws(CheckpointError) {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let content: Data
    do {
      content = try Data(contentsOf: url)
    } catch {
      throw CheckpointError(path: url.path, reason: .cannotRead(error.localizedDescription))
    }
    let decoder = JSONDecoder()
    var kept: [UInt8] = []
    kept.reserveCapacity(content.count)
    var start = content.startIndex
    while let end = content[start...].firstIndex(of: 0x0a) {
      let line = content[start..<end]
      if let found = try? decoder.decode(StepOfLine.self, from: line), found.step <= step,
        !(found.step == step
          && key.map { line.firstRange(of: Data("\"\($0)\":".utf8)) != nil } ?? false)
      {
        kept += content[start...end]
      }
      start = end + 1
    }
    if kept.count != content.count { try AtomicFile.write(kept, to: url) }
  }

  private struct StepOfLine: Decodable {
    let step: Int
  }
}
