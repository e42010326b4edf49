/// A format that the linked libraries don't read and ffmpeg does, recognized by a file's content.
///
/// Only what is recognized here reaches ffmpeg, and ffmpeg is told what it is: text such as
/// playlists, which may name other files and addresses, never does.
struct ForeignFormat: Equatable {
  /// For messages.
  let name: String
  /// What ffmpeg calls the part of it that reads the container.
  let demuxer: String

  private init(_ name: String, _ demuxer: String) {
    self.name = name
    self.demuxer = demuxer
  }

  init?(_ source: SoundSource) {
    self.init { source.bytes($1, at: $0) }
  }

  /// Nil for an unknown format, and for what the linked libraries should have read.
  ///
  /// - Parameter read: Reads `count` bytes at an offset, or fewer at the end.
  init?(read: @escaping (_ offset: Int, _ count: Int) -> [UInt8]) {
    var start = 0
    // The tags of music players may precede any format.
    for _ in 0..<3 {
      let head = read(start, 32)
      guard let length = MPEGFrameReader.id3Length(head) ?? MPEGFrameReader.apeLength(head)
      else { break }
      start += length
    }
    let bytes = Bytes(start: start, read: read)
    if bytes.head.isEmpty || FileSignature.isText(bytes.head) { return nil }
    guard
      let found = Self.signature(bytes) ?? Self.container(bytes) ?? Self.variant(bytes)
        ?? Self.stream(bytes)
    else { return nil }
    self = found
  }

  /// A file from the end of its tags.
  private struct Bytes {
    let start: Int
    let read: (Int, Int) -> [UInt8]
    let head: [UInt8]

    init(start: Int, read: @escaping (Int, Int) -> [UInt8]) {
      self.start = start
      self.read = read
      head = read(start, 64)
    }

    func has(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: text.utf8)
    }

    /// The bytes at an offset; zeros after the end of the file.
    func callAsFunction(_ offset: Int, _ count: Int) -> [UInt8] {
      let found = read(start + offset, count)
      return found + [UInt8](repeating: 0, count: count - found.count)
    }
  }

  // MARK: Formats with a signature at the beginning

  private static func signature(_ bytes: Bytes) -> ForeignFormat? {
    if bytes.has("caff"), bytes.has("alac", at: 28) { return ForeignFormat("CAF with ALAC", "caf") }
    for (signature, name, demuxer) in texts where bytes.has(signature) {
      return ForeignFormat(name, demuxer)
    }
    for (signature, name, demuxer) in numbers where bytes.head.starts(with: signature) {
      return ForeignFormat(name, demuxer)
    }
    return nil
  }

  private static let texts = [
    ("#!AMR", "AMR", "amr"), ("#!iLBC", "iLBC", "ilbc"), ("MAC ", "Monkey's Audio", "ape"),
    ("MPCK", "Musepack", "mpc8"), ("MP+", "Musepack", "mpc"), ("wvpk", "WavPack", "wv"),
    ("TTA1", "True Audio", "tta"), ("TTA2", "True Audio", "tta"), ("tBaK", "TAK", "tak"),
    ("DSD ", "DSF", "dsf"), ("FRM8", "DSDIFF", "iff"), ("DTSHDHDR", "DTS-HD", "dtshd"),
    (".RMF", "RealMedia", "rm"), ("FLV\u{1}", "FLV", "flv"),
    ("caff", "CAF", "caf"), ("ajkg", "Shorten", "shn"), ("TWIN", "TwinVQ", "vqf"),
    ("ea3", "ATRAC", "oma"), ("EA3", "ATRAC", "oma"),
  ]

  private static let numbers: [([UInt8], String, String)] = [
    ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "WMA", "asf"),
    ([0x2E, 0x72, 0x61, 0xFD], "RealAudio", "rm"),
    ([0x7F, 0xFE, 0x80, 0x01], "DTS", "dts"), ([0xFE, 0x7F, 0x01, 0x80], "DTS", "dts"),
    ([0x1F, 0xFF, 0xE8, 0x00], "DTS", "dts"), ([0xFF, 0x1F, 0x00, 0xE8], "DTS", "dts"),
    ([0x00, 0x00, 0x01, 0xBA], "MPEG", "mpeg"), ([0x06, 0x0E, 0x2B, 0x34], "MXF", "mxf"),
  ]

  // MARK: Containers

  private static func container(_ bytes: Bytes) -> ForeignFormat? {
    if bytes.head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
      let isWeb = String(decoding: bytes.head, as: Unicode.ASCII.self).contains("webm")
      return ForeignFormat(isWeb ? "WebM" : "Matroska", "matroska")
    }
    if bytes.has("RIFF") {
      if bytes.has("AVI ", at: 8) { return ForeignFormat("AVI", "avi") }
      if bytes.has("XWMA", at: 8) { return ForeignFormat("XWMA", "xwma") }
      if bytes.has("QLCM", at: 8) { return ForeignFormat("QCP", "qcp") }
    }
    if bytes.has("ftyp", at: 4) { return mp4(brand: bytes.head.dropFirst(8).prefix(4)) }
    // QuickTime files from before there was a signature.
    let atoms = ["moov", "mdat", "wide", "free", "skip", "pnot"]
    return atoms.contains { bytes.has($0, at: 4) } ? ForeignFormat("QuickTime", "mov") : nil
  }

  private static func mp4(brand: ArraySlice<UInt8>) -> ForeignFormat? {
    let brand = String(decoding: brand, as: Unicode.ASCII.self)
    if FileSignature.imageBrands.contains(brand) { return nil }
    let name =
      switch brand {
      case "M4A ", "M4B ", "M4P ": "M4A"
      case "qt  ": "QuickTime"
      case _ where brand.hasPrefix("3g"): "3GP"
      default: "MP4"
      }
    return ForeignFormat(name, "mov")
  }

  // MARK: Variants that the linked libraries lack

  private static func variant(_ bytes: Bytes) -> ForeignFormat? {
    if bytes.has("OggS") { return ogg(bytes) }
    if bytes.has("fLaC") {
      // Five bits for the bits of a sample, less one.
      let bits = Int(bytes(20, 1)[0] & 1) << 4 + Int(bytes(21, 1)[0] >> 4) + 1
      return bits > 24 ? ForeignFormat("\(bits)-bit FLAC", "flac") : nil
    }
    if bytes.has("FORM") && bytes.has("AIFC", at: 8) {
      let header = String(decoding: bytes(12, 256), as: Unicode.ASCII.self).unicodeScalars
      let codecs = ["QDM2", "QDMC", "MAC3", "MAC6", "Qclp", "agsm", "GSM ", "G722", "G726"]
      let text = String(header)
      return codecs.contains { text.contains($0) } ? ForeignFormat("AIFF-C", "aiff") : nil
    }
    guard (bytes.has("RIFF") || bytes.has("RF64")) && bytes.has("WAVE", at: 8) else { return nil }
    let header = WaveHeader(fileSize: .max) { bytes.read(bytes.start + $0, $1) }
    return header.flatMap { waveCodecs[$0.tag] }.map { ForeignFormat("WAV with \($0)", "wav") }
  }

  /// Not WMA and AAC without frame headers: nothing tells their frames from noise.
  private static let waveCodecs: [UInt32: String] = [
    0x22: "TrueSpeech", 0x45: "G.726", 0x270: "ATRAC3", 0x1600: "AAC", 0x1602: "AAC",
    0x2000: "AC-3", 0x2001: "DTS", 0xF1AC: "FLAC",
  ]

  private static func ogg(_ bytes: Bytes) -> ForeignFormat? {
    let packet = bytes(27 + Int(bytes(26, 1)[0]), 8)
    func begins(_ text: String) -> Bool { packet.starts(with: text.utf8) }
    if begins("\u{1}vorbis") || begins("OpusHead") { return nil }
    if begins("Speex   ") { return ForeignFormat("Ogg Speex", "ogg") }
    if begins("\u{7F}FLAC") { return ForeignFormat("Ogg FLAC", "ogg") }
    if packet.dropFirst().starts(with: "theora".utf8) || begins("fishead") {
      return ForeignFormat("Ogg video", "ogg")
    }
    return ForeignFormat("Ogg with an unknown codec", "ogg")
  }

  // MARK: Streams without a header: two frames in a row, since two bytes alone may be chance

  private static func stream(_ bytes: Bytes) -> ForeignFormat? {
    let head = bytes.head
    guard head.count >= 8 else { return nil }
    if head[0] == 0xFF && head[1] & 0xF6 == 0xF0 {
      let size = Int(head[3] & 3) << 11 | Int(head[4]) << 3 | Int(head[5] >> 5)
      let next = bytes(size, 2)
      return size > 7 && next[0] == 0xFF && next[1] == head[1] ? ForeignFormat("AAC", "aac") : nil
    }
    if head[0] == 0x56 && head[1] & 0xE0 == 0xE0 {
      let next = bytes((Int(head[1] & 0x1F) << 8 | Int(head[2])) + 3, 2)
      return next[0] == 0x56 && next[1] & 0xE0 == 0xE0 ? ForeignFormat("AAC (LATM)", "loas") : nil
    }
    if head[0] == 0x0B && head[1] == 0x77 {
      let version = head[5] >> 3
      if version > 16 { return nil }
      return version > 10 ? ForeignFormat("E-AC-3", "eac3") : ForeignFormat("AC-3", "ac3")
    }
    if head[4] == 0xF8 && head[5] == 0x72 && head[6] == 0x6F {
      if head[7] == 0xBA { return ForeignFormat("TrueHD", "truehd") }
      if head[7] == 0xBB { return ForeignFormat("MLP", "mlp") }
    }
    for (offset, distance) in [(0, 188), (4, 192)] {
      let isStream = (0..<4).allSatisfy { bytes(offset + $0 * distance, 1)[0] == 0x47 }
      if isStream { return ForeignFormat("MPEG-TS", "mpegts") }
    }
    return nil
  }
}
