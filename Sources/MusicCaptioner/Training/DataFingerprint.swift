/// A fingerprint of a run's training data: equal for the same tracks in the same order, wherever
/// their files are. The content of the audio files doesn't count.
package struct DataFingerprint: Codable, Sendable, Equatable {
  package let clips: Int
  /// XXH64 of ids, file names, parts, tags and captions, in hexadecimal.
  package let xxh64: String

  package init(_ tracks: TrackSet) {
    var checksum = Checksum64()
    var bytes: [UInt8] = []
    let table = tracks.table
    func add(_ text: String) {
      bytes += text.utf8
      bytes.append(0xFF)  // In no text, so that no two lists of texts are alike.
    }
    for index in 0..<table.count {
      add(table.id(index))
      switch table.audio(index) {
      case .file(let path): add(String(path.split(separator: "/").last ?? ""))
      case .samples(let samples): add("\(samples.count)")
      case .embedded(let file):
        add(String(file.table.split(separator: "/").last ?? ""))
        add("\(file.rowGroup) \(file.row)")
      }
      let part = table.part(index)
      add("\(part.start) \(part.end)")
      for tag in table.tags(index) { add(table.tagNames[Int(tag)]) }
      for caption in table.captionIndices(index) {
        add(table.captionKind(caption).rawValue)
        add(table.captionText(caption))
      }
      if bytes.count >= 1 << 20 {
        checksum.update(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    checksum.update(bytes)
    clips = table.count
    xxh64 = String(checksum.value, radix: 16)
  }
}
