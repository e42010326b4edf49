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
  /// - Parameter key: Lines of the checkpoint's own step go as well where they have this key.
  /// - Throws: `FileError` where the system refuses.
  func truncate(afterStep step: Int, orWith key: String? = nil) throws(FileError) {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let content = try ByteReader.contents(of: url)
    var kept: [UInt8] = []
    kept.reserveCapacity(content.count)
    var start = content.startIndex
    while let end = content[start...].firstIndex(of: 0x0a) {
      if Self.isKept(content[start..<end], step, key) {
        kept += content[start...end]
      }
      start = end + 1
    }
    if kept.count != content.count { try AtomicFile.write(kept, to: url) }
  }

  private static func isKept(_ line: ArraySlice<UInt8>, _ step: Int, _ key: String?) -> Bool {
    guard let line = try? JSONReader.document(Array(line), name: ""),
      let found = line["step"]?.integer
    else { return false }
    return found < step || found == step && key.flatMap { line[$0] } == nil
  }
}
