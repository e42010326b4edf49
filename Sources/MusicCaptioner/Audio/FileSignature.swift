/// Recognizes a file's type by its first bytes.
enum FileSignature {
  /// How many bytes tell the most.
  static let longest = 512

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
    if isText(head.prefix(64)) { return "text" }
    let digits = head.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "the bytes " + digits.joined(separator: " ")
  }

  /// Whether a beginning is plain text.
  static func isText(_ head: some Collection<UInt8>) -> Bool {
    head.allSatisfy { $0 >= 0x20 && $0 < 0x7F || (9...13).contains($0) }
  }

  /// The name of a format without sound, though its files may contain something like MPEG audio
  /// somewhere; nil if it isn't a known one.
  static func otherFormat(_ head: [UInt8]) -> String? {
    // A zip archive's first entry has its name at byte 30.
    let entry = String(decoding: head.dropFirst(30).prefix(34), as: Unicode.ASCII.self)
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]), entry.contains(".npy") {
      return "a NumPy archive (.npz); single arrays (.npy) are read"
    }
    let known: [([UInt8], String)] = [
      ([0x89, 0x50, 0x4E, 0x47], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"),
      ([0x50, 0x4B, 0x03, 0x04], "a zip archive"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
      (Array("GIF8".utf8), "a GIF image"), ([0x1F, 0x8B], "a gzip file"),
      ([0x7F, 0x45, 0x4C, 0x46], "a program"), ([0x49, 0x49, 0x2A, 0], "a TIFF image"),
      ([0x4D, 0x4D, 0, 0x2A], "a TIFF image"), (Array("8BPS".utf8), "a Photoshop image"),
      (Array("SDPX".utf8), "a DPX image"), (Array("XPDS".utf8), "a DPX image"),
      ([0x59, 0xA6, 0x6A, 0x95], "a Sun raster image"),
      ([0x76, 0x2F, 0x31, 1], "an OpenEXR image"),
      ([0x01, 0xDA], "an SGI image"), (Array("Rar!".utf8), "a RAR archive"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "an xz file"), ([0x28, 0xB5, 0x2F, 0xFD], "a zstd file"),
      (Array("BZh".utf8), "a bzip2 file"), (Array("SQLite format 3".utf8), "a database"),
      (Array("PAR1".utf8), "a Parquet table"),
      (Array("MThd".utf8), "a MIDI score, which has notes and no sound"),
    ]
    if let (_, name) = known.first(where: { head.starts(with: $0.0) }) { return name }
    if head.dropFirst(257).starts(with: "ustar".utf8) { return "a tar archive" }
    if isPlainImage(head) { return "an image" }
    let brand = String(decoding: head.dropFirst(8).prefix(4), as: Unicode.ASCII.self)
    return head.dropFirst(4).starts(with: "ftyp".utf8) && imageBrands.contains(brand)
      ? "an HEIF or AVIF image" : nil
  }

  /// Images whose beginnings are short: BMP, the six kinds of PNM, PCX, TGA.
  private static func isPlainImage(_ head: [UInt8]) -> Bool {
    guard head.count >= 16 else { return false }
    if head.starts(with: "BM".utf8) { return head[6..<10].allSatisfy { $0 == 0 } }
    if head[0] == UInt8(ascii: "P"), (0x31...0x37).contains(head[1]) {
      return [0x09, 0x0A, 0x0D, 0x20].contains(head[2])
    }
    if isTarga(head) { return true }
    return head[0] == 0x0A && head[1] <= 5 && head[2] <= 1 && [1, 2, 4, 8].contains(head[3])
  }

  /// TGA has no mark: what is at the beginning has to make sense together.
  private static func isTarga(_ head: [UInt8]) -> Bool {
    guard head.count >= 18 else { return false }
    let (mapped, kind, depth) = (head[1], head[2], head[16])
    let isKnown =
      switch (mapped, kind) {
      case (1, 1), (1, 9): depth == 8
      case (0, 2), (0, 10): [15, 16, 24, 32].contains(depth)
      case (0, 3), (0, 11): depth == 8
      default: false
      }
    let hasMap = mapped == 1 || head[3..<8].allSatisfy { $0 == 0 }
    let hasSize = head[12..<14].contains { $0 > 0 } && head[14..<16].contains { $0 > 0 }
    // Two bits are always 0; the lowest four count those of a pixel's transparency.
    return isKnown && hasMap && hasSize && head[17] & 0xC0 == 0
      && [0, 1, 8].contains(head[17] & 0x0F)
  }

  /// The brands of images in the container that MP4 uses too.
  static let imageBrands: Set<String> = [
    "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis", "crx ",
  ]
}
