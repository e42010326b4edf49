import Foundation

/// How the rows of a table are written.
package enum TableFormat: Equatable, Sendable {
  case commas
  case tabs
  /// A list, values one after another, or one object that contains all rows.
  case json
  case parquet
  /// One text per line.
  case lines

  /// The endings that tell, for messages.
  static let endings =
    ".jsonl, .json, .csv, .tsv or .parquet, with .gz or .zst after it if compressed"

  /// The format that a file's name tells; nil if it tells none.
  package init?(name: String) {
    var parts = name.split(separator: "/").last.map { $0.lowercased().split(separator: ".") } ?? []
    if let last = parts.last, ["gz", "gzip", "zst", "zstd"].contains(last) { parts.removeLast() }
    switch parts.last {
    case "csv": self = .commas
    case "tsv": self = .tabs
    case "json", "jsonl", "ndjson": self = .json
    case "parquet": self = .parquet
    default: return nil
    }
  }

  /// Whether a name tells that each line is a row.
  static func isLines(_ name: String) -> Bool {
    let parts = PathName.last(name).lowercased().split(separator: ".")
    return parts.suffix(2).contains { $0 == "jsonl" || $0 == "ndjson" }
  }

  /// Whether a missing value is written as a text: empty, or one of pandas' words.
  package var hasTextsForMissing: Bool { self == .commas || self == .tabs }

  /// Whether a text in a field may be a list, as Python prints it.
  package var hasTextsForLists: Bool { self != .json && self != .lines }
}

/// What a file is, by its first bytes.
enum TableSignature {
  /// Whether it is a frame of zstd without content, as some programs write before the others.
  private static func beginsSkippableFrame(_ head: [UInt8]) -> Bool {
    guard let first = head.first, (0x50...0x5F).contains(first) else { return false }
    return head.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
  }

  case gzip, zstd, parquet, other

  /// - Throws: An error for a format that is plainly no table of ours.
  init(_ head: [UInt8], name: String) throws(FileError) {
    func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
    if begins([0x1F, 0x8B]) {
      self = .gzip
    } else if begins([0x28, 0xB5, 0x2F, 0xFD]) || Self.beginsSkippableFrame(head) {
      self = .zstd
    } else if begins(Array("PAR1".utf8)) {
      self = .parquet
    } else {
      self = .other
      let found: String? =
        if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) {
          "text in UTF-16, as spreadsheets save \"Unicode text\""
        } else if begins(Array("BZh".utf8)) {
          "data compressed by bzip2"
        } else if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A]) {
          "data compressed by xz"
        } else if begins(Array("PK\u{3}\u{4}".utf8)) {
          "a ZIP archive or a spreadsheet"
        } else if begins(Array("PARE".utf8)) {
          "encrypted Parquet"
        } else if begins(Array("ARROW1".utf8)) {
          "an Arrow file"
        } else {
          nil
        }
      guard let found else { return }
      throw FileError(
        .value(
          place: "", found: found, expected: "text in UTF-8, Parquet, or gzip or zstd of these"),
        .read, name)
    }
  }
}
