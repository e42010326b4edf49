import Foundation

/// Why tracks can't be read or batches can't be made.
public struct DataError: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// The file can't be read, or is cut off.
    case file(FileError)
    /// A table without rows.
    case empty
    /// A field has an invalid value.
    case value(found: String, expected: String)
    /// A row lacks a field; the accepted names.
    case missingField([String])
    /// One row, or the whole file, exceeds the limit.
    case tooLarge(String)
    /// No row belongs to the requested split; the splits found.
    case noSuchSplit(asked: String, found: [String])
    /// A split was requested, but nothing says which split a row belongs to.
    case splitsUnknown(asked: String)
    /// No row has a caption of the requested kinds; the kinds found.
    case noCaptions(asked: [String], found: [String])
    /// None of the rows' audio files exists; the first of them.
    case noAudio(count: Int, first: String)
    /// Balanced sampling of tracks without any tags.
    case noTags
    /// No sources where at least one is needed.
    case noSources
    /// This many draws in a row had unreadable audio; the problem of the last one.
    case badAudio(draws: Int, last: String)
  }

  /// The file, as the configuration names it; empty if no file is involved.
  public var file: String
  /// The line of the file, counted from 1.
  public var line: Int?
  /// The field of the row.
  public var field: String?
  package var reason: Reason

  package init(_ reason: Reason, file: String, line: Int? = nil, field: String? = nil) {
    self.file = file
    self.line = line
    self.field = field
    self.reason = reason
  }
}

extension DataError {
  /// - Parameter what: What the file should contain.
  init(_ error: FileError, what: String) {
    self.init(.file(error.expecting(what)), file: error.file, line: error.line)
  }

  /// The result of `body`; a file's errors become a table's.
  static func wrapping<Result>(
    _ what: String, _ body: () throws(FileError) -> Result
  ) throws(DataError) -> Result {
    do {
      return try body()
    } catch {
      throw DataError(error, what: what)
    }
  }
}

extension DataError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  /// One line: file, line, field, what was found, what was expected, what to do.
  public var description: String {
    var parts: [String] = []
    if !file.isEmpty { parts.append(line.map { "\(file):\($0)" } ?? file) }
    if let field { parts.append("field \(quoted(field))") }
    parts.append(problem)
    return parts.joined(separator: ": ").printable(keepsLines: false)
  }

  private var problem: String {
    switch reason {
    case .file(let error): error.problem
    case .empty: "no rows; expected one per track"
    case .value(let found, let expected):
      "found \(found); expected \(expected)"
    case .missingField(let names):
      names.count == 1
        ? "missing; every row needs it"
        : "missing; every row needs one of \(names.joined(separator: ", "))"
    case .tooLarge(let limit): "too large; expected \(limit)"
    case .noSuchSplit(let asked, let found):
      "no track of the split \(quoted(asked)); there are \(list(found))"
    case .splitsUnknown(let asked):
      "nothing says which tracks are of the split \(quoted(asked)); "
        + "name a track_split.json under `splits`, or leave `split` out to use all"
    case .noCaptions(let asked, let found):
      "no track has a caption of the kinds \(list(asked)); there are \(list(found))"
    case .noAudio(let count, let first):
      "none of its \(count) audio files is there, as \(first); set `audio` to the folder that "
        + "their paths start from"
    case .noTags: "balanced sampling needs tags, and no track has any; use `sampling: uniform`"
    case .noSources: "no source of tracks; list one or more under `data.train`"
    case .badAudio(let draws, let last):
      "\(draws) audio files in a row can't be read; the last: \(last)"
    }
  }

  private func quoted(_ text: String) -> String { "\"\(excerpt(text))\"" }

  private func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    return names.prefix(12).map(excerpt).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
  }
}

/// Problems in the data that don't prevent its use.
package enum DataWarning: Sendable, Equatable {
  /// Rows whose audio file doesn't exist, of the total; the first few files.
  case missingAudio(source: String, count: Int, of: Int, examples: [String])
  /// Rows without a caption of the requested kinds.
  case withoutCaption(source: String, count: Int, of: Int)
  /// A clip that can't be read and is left out; reported once.
  case badAudio(track: String, problem: String)
  /// A clip that could be read, with a warning; reported once.
  case oddAudio(track: String, problem: String)
}

extension DataWarning: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingAudio(let source, let count, let all, let examples):
      "\(source): \(count) of \(all) audio files are missing and left out, such as "
        + examples.joined(separator: ", ")
    case .withoutCaption(let source, let count, let all):
      "\(source): \(count) of \(all) tracks have no caption of the wanted kinds and are left out"
    case .badAudio(let track, let problem): "track \(track) left out: \(problem)"
    case .oddAudio(let track, let problem): "track \(track): \(problem)"
    }
  }
}
