import Foundation
import Yams

extension ConfigurationParser {
  func place(line: Int?) -> ConfigurationPlace? {
    if let override { return .override(override) }
    return line.map { .line($0) }
  }

  func error(_ reason: ConfigurationError.Reason, line: Int? = nil) -> ConfigurationError {
    ConfigurationError(file: file, place: place(line: line), reason: reason)
  }

  func translated(_ error: YamlError, text: String) -> ConfigurationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      var words = restored(problem)
      if startsWithTab(text, line: mark.line) { words += "; indent with spaces, not tabs" }
      return self.error(
        .syntax("is not YAML: \(clippedLine(words)) (column \(mark.column))"), line: mark.line)
    case .duplicatedKeysInMapping(let keys, let context):
      return self.error(.duplicateKey(restored(keys.first ?? "")), line: context.mark.line)
    case .reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 }
      return self.error(.syntax("is not YAML: \(clippedLine(problem))"), line: line)
    default:
      return self.error(.syntax("is not YAML: \(clippedLine("\(error)"))"))
    }
  }

  private func startsWithTab(_ text: String, line: Int) -> Bool {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard lines.indices.contains(line - 1) else { return false }
    return lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
  }

  private func clippedLine(_ text: String) -> String {
    String(text.prefix(200).map { $0.isNewline ? " " : $0 })
  }

  func firstInvalidLine(_ data: Data) -> Int {
    var decoder = UTF8()
    var bytes = data.makeIterator()
    var line = 1
    while case .scalarValue(let scalar) = decoder.decode(&bytes) {
      if scalar == "\n" { line += 1 }
    }
    return line
  }
}
