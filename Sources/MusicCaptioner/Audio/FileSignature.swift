/// Recognizes a file's type by its first bytes.
enum FileSignature {
  /// The name of the audio container; nil if it isn't a known one.
  static func audioFormat(_ head: [UInt8]) -> String? {
    func has(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: text.utf8)
    }
    if has("RIFF") || has("RIFX") || has("RF64") || has("BW64") { return "WAV" }
    if has("fLaC") { return "FLAC" }
    if has("OggS") { return "Ogg" }
    if has("FORM") && (has("AIFF", at: 8) || has("AIFC", at: 8)) { return "AIFF" }
    if has(".snd") { return "AU" }
    if has("ID3") || head.count > 1 && head[0] == 0xFF && head[1] >= 0xE0 { return "MP3" }
    return nil
  }

  /// Describes the first bytes, for messages about files that aren't audio.
  static func describe(_ head: [UInt8]) -> String {
    if let name = otherFormat(head) { return name }
    let isText = head.allSatisfy { $0 >= 0x20 && $0 < 0x7F || (9...13).contains($0) }
    if isText { return "text" }
    let digits = head.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "the bytes " + digits.joined(separator: " ")
  }

  /// The name of a format that isn't read here, though its files may contain MPEG audio somewhere;
  /// nil if it isn't a known one.
  static func otherFormat(_ head: [UInt8]) -> String? {
    let known: [([UInt8], String)] = [
      ([0x89, 0x50, 0x4E, 0x47], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"),
      ([0x50, 0x4B, 0x03, 0x04], "a zip archive"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
      (Array("GIF8".utf8), "a GIF image"),
      ([0x1A, 0x45, 0xDF, 0xA3], "a Matroska or WebM container"),
      ([0x30, 0x26, 0xB2, 0x75], "a WMA or ASF container"), (Array("FLV".utf8), "a Flash video"),
      ([0x00, 0x00, 0x01, 0xBA], "an MPEG video"), ([0x1F, 0x8B], "a gzip file"),
      ([0x7F, 0x45, 0x4C, 0x46], "a program"),
    ]
    if let (_, name) = known.first(where: { head.starts(with: $0.0) }) { return name }
    return head.dropFirst(4).starts(with: "ftyp".utf8) ? "an MP4 or M4A container" : nil
  }
}
