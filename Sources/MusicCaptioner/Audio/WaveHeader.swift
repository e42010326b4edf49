/// The chunks of a RIFF WAVE file, parsed without trusting them.
///
/// libsndfile does the decoding. This finds out what is wrong if libsndfile refuses the file, and
/// detects truncated data, which libsndfile silently accepts.
struct WaveHeader {
  private(set) var problem: AudioError.Reason?
  /// The data chunk's length in bytes: declared, and present in the file.
  private(set) var data: (declared: Int, present: Int)?
  private(set) var bytesPerSecond = 0

  /// - Parameters:
  ///   - fileSize: In bytes.
  ///   - read: Reads `count` bytes at an offset, or fewer at the end.
  init?(fileSize: Int, read: (_ offset: Int, _ count: Int) -> [UInt8]) {
    let head = read(0, 12)
    guard head.starts(with: Array("RIFF".utf8)) else { return nil }
    guard head.count == 12 else {
      problem = .badHeader(format: "WAV", found: "the RIFF header is cut short")
      return
    }
    guard head[8...].elementsEqual("WAVE".utf8) else {
      let kind = String(decoding: head[8..<12], as: UTF8.self)
      problem = .badHeader(format: "WAV", found: "a RIFF file of kind \"\(kind)\", not WAVE")
      return
    }
    var offset = 12
    var hasFormat = false
    // Real files have fewer than ten chunks; the bound limits the work on a malicious one.
    for _ in 0..<1_000 {
      let chunk = read(offset, 8)
      guard chunk.count == 8 else { break }
      let size = Int(Self.integer(chunk, 4, 4))
      let start = offset + 8
      let present = min(size, max(0, fileSize - start))
      if chunk.starts(with: Array("fmt ".utf8)) {
        hasFormat = true
        readFormat(read(start, min(present, 40)), size: size, present: present)
        if problem != nil { return }
      } else if chunk.starts(with: Array("data".utf8)) {
        data = (size, present)
        break
      }
      offset = start + size + size % 2
    }
    if !hasFormat {
      problem = .badHeader(format: "WAV", found: "the header is cut short (no fmt chunk)")
    } else if data == nil {
      problem = .badHeader(format: "WAV", found: "it has no data chunk")
    }
  }

  private mutating func readFormat(_ bytes: [UInt8], size: Int, present: Int) {
    func refuse(_ found: String) { problem = .badHeader(format: "WAV", found: found) }
    guard present == size else {
      return size > 1 << 16
        ? refuse("the fmt chunk declares \(size) bytes, more than the file has")
        : refuse("the header is cut short (no complete fmt chunk)")
    }
    guard bytes.count >= 16 else { return refuse("the fmt chunk has \(size) bytes, expected 16") }
    var tag = Self.integer(bytes, 0, 2)
    if tag == 0xFFFE && bytes.count >= 26 { tag = Self.integer(bytes, 24, 2) }
    let channels = Self.integer(bytes, 2, 2)
    let rate = Self.integer(bytes, 4, 4)
    let bits = Self.integer(bytes, 14, 2)
    let isKnown = Self.knownTags.contains(tag)
    let isLinear = tag == 1 || tag == 3
    bytesPerSecond = Int(rate) * Int(Self.integer(bytes, 12, 2))
    if channels == 0 { return refuse("0 channels is not valid; expected 1 or more") }
    if rate == 0 { problem = .sampleRate(0) }
    if isLinear && bits == 0 {
      return refuse("a bit depth of 0 is not valid; expected 8, 16, 24, 32 or 64")
    }
    if !isKnown {
      let digits = String(tag, radix: 16)
      let padding = String(repeating: "0", count: max(0, 4 - digits.count))
      problem = .unsupportedEncoding(format: "WAV", found: "0x\(padding)\(digits)")
    }
  }

  /// PCM, MS ADPCM, float, A-law, µ-law, IMA ADPCM, GSM 6.10, G.721, NMS ADPCM, MPEG layer 3.
  private static let knownTags: Set<UInt32> = [1, 2, 3, 6, 7, 0x11, 0x31, 0x38, 0x40, 0x55, 0x64]

  private static func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt32 {
    (0..<count).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}

/// Recognizes a file's type by its first bytes.
enum FileSignature {
  /// The name of the audio container; nil if it isn't a known one.
  static func audioFormat(_ head: [UInt8]) -> String? {
    func has(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: text.utf8)
    }
    if has("RIFF") || has("RIFX") || has("RF64") { return "WAV" }
    if has("fLaC") { return "FLAC" }
    if has("OggS") { return "Ogg" }
    if has("FORM") && (has("AIFF", at: 8) || has("AIFC", at: 8)) { return "AIFF" }
    if has("ID3") || head.count > 1 && head[0] == 0xFF && head[1] >= 0xE0 { return "MP3" }
    return nil
  }

  /// Describes the first bytes, for messages about files that aren't audio.
  static func describe(_ head: [UInt8]) -> String {
    let known: [([UInt8], String)] = [
      ([0x89, 0x50, 0x4E, 0x47], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"),
      ([0x50, 0x4B, 0x03, 0x04], "a zip archive"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
      (Array("GIF8".utf8), "a GIF image"), ([0x1F, 0x8B], "a gzip archive"),
      (Array("MThd".utf8), "a MIDI score, which has notes and no sound"),
    ]
    // Its first entry's name follows at byte 30.
    let isArchive = head.starts(with: [0x50, 0x4B, 0x03, 0x04])
    if isArchive, String(decoding: head.dropFirst(30), as: Unicode.ASCII.self).contains(".npy") {
      return "a NumPy archive (.npz), and single arrays (.npy) are read"
    }
    if let (_, name) = known.first(where: { head.starts(with: $0.0) }) { return name }
    if head.dropFirst(4).starts(with: "ftyp".utf8) { return "an HEIF or AVIF image" }
    if isText(head) { return "text" }
    let digits = head.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "the bytes " + digits.joined(separator: " ")
  }

  /// Whether a beginning is plain text.
  static func isText(_ head: [UInt8]) -> Bool {
    head.allSatisfy { $0 >= 0x20 && $0 < 0x7F || (9...13).contains($0) }
  }

  /// The brands of images in the container that MP4 uses too.
  static let imageBrands: Set<String> = [
    "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis", "crx ",
  ]
}
