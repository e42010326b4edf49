import Foundation

/// A log of JSON objects, one per line, each with its `step`.
struct JSONLinesFile: Sendable {
  private let file: AppendOnlyFile

  init(url: URL) { file = AppendOnlyFile(url: url) }

  var url: URL { file.url }

  /// - Throws: `FileError` if the file can't be written.
  func append(_ line: JSONObject) throws(FileError) {
    try file.append(Array((line.line + "\n").utf8))
  }

  /// Drops what a resumed run will write again: lines of steps after the checkpoint's, and
  /// incomplete lines from a killed process. A missing file is not created.
  ///
  /// - Parameter key: Lines of the checkpoint's own step are dropped too if they have this key.
  /// - Throws: `FileError` if the file can't be read or written.
  func truncate(afterStep step: Int, orWith key: String? = nil) throws(FileError) {
    guard PathName.exists(url.path) else { return }
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
