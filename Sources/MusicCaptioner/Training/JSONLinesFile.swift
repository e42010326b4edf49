import Foundation

/// A log of JSON objects, one a line, each with the `step` that it belongs to.
struct JSONLinesFile: Sendable {
  private let file: AppendOnlyFile

  init(url: URL) { file = AppendOnlyFile(url: url) }

  var url: URL { file.url }

  /// - Throws: `FileError` where the system refuses.
  func append(_ line: JSONObject) throws(FileError) {
    try file.append(Array((line.line + "\n").utf8))
  }

  /// Drops what a resumed run will write again: lines of later steps than the checkpoint's, and
  /// those that a killed process left incomplete. A missing file is left missing.
  ///
  /// - Throws: `FileError` where the system refuses.
  func truncate(afterStep step: Int) throws(FileError) {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let content = try ByteReader.contents(of: url)
    var kept: [UInt8] = []
    kept.reserveCapacity(content.count)
    var start = content.startIndex
    while let end = content[start...].firstIndex(of: 0x0a) {
      if let found = Self.step(of: content[start..<end]), found <= step {
        kept += content[start...end]
      }
      start = end + 1
    }
    if kept.count != content.count { try AtomicFile.write(kept, to: url) }
  }

  private static func step(of line: ArraySlice<UInt8>) -> Int? {
    (try? JSONReader.document(Array(line), name: ""))?["step"]?.integer
  }
}
