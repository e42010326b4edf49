/// How many bytes of samples the header of a file declares, and how many are there.
///
/// libsndfile shortens what is cut without a word, and doesn't find all samples where a recorder was
/// killed before it wrote the size, or a program wrote into a pipe and couldn't know it. WAV files have
/// ``WaveHeader``, because they have more kinds of trouble.
struct SoundDataSize {
  /// The file as libsndfile should read it.
  let source: SoundSource
  /// About the header.
  private(set) var warnings: [AudioWarning] = []
  /// The part of the declared samples that is in the file.
  private(set) var share = 1.0

  /// - Returns: nil for another format, or one without a size.
  init?(_ source: SoundSource) {
    let places = [Self.au, Self.iff, Self.caf, Self.wave64, Self.nist]
    guard let place = places.lazy.compactMap({ $0(source) }).first else { return nil }
    let rest = source.size - place.content
    let isUnfinished = place.declared == 0 && rest > 0
    let isCut = place.declared.map { $0 > rest } ?? false
    if isUnfinished {
      warnings = [.damaged("the header declares no samples; all that follow it are read")]
    }
    if isCut, let declared = place.declared, rest > 0 { share = Double(rest) / Double(declared) }
    if let size = place.size, isUnfinished || isCut || place.declared == nil {
      var header = source.bytes(size.offset, at: 0) + size.bytes
      header += source.bytes(place.content - header.count, at: header.count)
      self.source = SoundSource(header, part: header.count..<source.size, of: source)
    } else {
      self.source = source
    }
  }

  /// Where the samples are.
  private struct Place {
    /// Where they begin.
    var content: Int
    /// In bytes; nil if the header leaves it open.
    var declared: Int?
    /// What libsndfile takes for "up to the end of the file", where it must be written.
    var size: (offset: Int, bytes: [UInt8])?
  }

  // MARK: Formats

  private static func au(_ source: SoundSource) -> Place? {
    let head = source.bytes(24, at: 0)
    guard head.count == 24, head.starts(with: ".snd".utf8) else { return nil }
    let content = number(head[4..<8])
    guard (24...maximumHeader).contains(content), content <= source.size else { return nil }
    let size = number(head[8..<12])
    let isOpen = isOpen(size) && size > source.size - content
    return Place(content: content, declared: isOpen ? nil : size, size: (8, bytes(0xFFFF_FFFF, 4)))
  }

  /// AIFF, AIFC and 8SVX.
  private static func iff(_ source: SoundSource) -> Place? {
    let head = source.bytes(12, at: 0)
    let kinds = ["AIFF", "AIFC", "8SVX", "16SV"]
    guard head.starts(with: "FORM".utf8),
      kinds.contains(where: { head.dropFirst(8).elementsEqual($0.utf8) })
    else {
      return nil
    }
    return chunk(["SSND", "BODY"], of: source, at: 12) { number($0[4..<8]) }.flatMap { found in
      let isAIFF = found.name == "SSND"
      let content = found.offset + (isAIFF ? 16 : 8)
      guard content <= source.size else { return nil }
      if isOpen(found.size), found.size > source.size - content { return nil }
      guard isAIFF else { return Place(content: content, declared: found.size) }
      let declared = max(0, found.size - 8)
      if declared > 0 { return Place(content: content, declared: declared) }
      guard !isChunk(source, at: found.offset + 8 + found.size) else { return nil }
      return Place(content: content, declared: 0, size: (found.offset + 4, bytes(0, 4)))
    }
  }

  private static func caf(_ source: SoundSource) -> Place? {
    guard source.bytes(4, at: 0).elementsEqual("caff".utf8) else { return nil }
    // What has packets of unlike lengths declares their number.
    let description = source.bytes(32, at: 20)
    let isConstant = description.count == 32 && number(description[16..<20]) > 0
    return chunk(["data"], of: source, at: 8, headSize: 12, { number($0[4..<12]) }).flatMap {
      found in
      // Behind the number of edits.
      let content = found.offset + 16
      guard content <= source.size else { return nil }
      let declared = max(0, found.size - 4)
      if declared == 0, isChunk(source, at: found.offset + 12 + found.size) { return nil }
      guard isConstant || declared == 0 || found.size > maximumSize else { return nil }
      return Place(
        content: content, declared: found.size > maximumSize ? nil : declared,
        size: (found.offset + 4, bytes(source.size - content + 4, 8)))
    }
  }

  private static func wave64(_ source: SoundSource) -> Place? {
    let head = source.bytes(40, at: 0)
    guard head.count == 40, head.starts(with: "riff".utf8), head[24...].starts(with: "wave".utf8)
    else { return nil }
    // A chunk's name has 16 bytes. Its size includes its head, and is rounded up to a multiple of 8.
    return chunk(["data"], of: source, at: 40, headSize: 24, unit: 8) {
      max(0, number($0[16..<24].reversed()) - 24)
    }.flatMap { found in
      let content = found.offset + 24
      guard content <= source.size else { return nil }
      if found.size == 0, isChunk(source, at: content) { return nil }
      return Place(
        content: content, declared: found.size > maximumSize ? nil : found.size,
        size: (found.offset + 16, bytes(source.size - found.offset, 8).reversed()))
    }
  }

  /// A header of text.
  private static func nist(_ source: SoundSource) -> Place? {
    let head = source.bytes(1_024, at: 0)
    guard head.starts(with: "NIST_1A\n".utf8) else { return nil }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\n")
    func value(_ name: String) -> Int? {
      let fields = lines.first { $0.hasPrefix(name + " ") }?.split(separator: " ")
      return fields?.last.flatMap { Int($0) }.flatMap { (1...1 << 40).contains($0) ? $0 : nil }
    }
    guard lines.count > 1, let content = Int(lines[1].drop { $0 == " " }), content <= source.size,
      content > 0, let samples = value("sample_count"), let width = value("sample_n_bytes"),
      width <= 8, let channels = value("channel_count"), channels <= 1_024,
      // Compressed files declare what they have after decoding.
      !lines.contains(where: { $0.hasPrefix("sample_coding ") && $0.contains("shorten") })
    else { return nil }
    return Place(content: content, declared: samples * width * channels)
  }

  // MARK: Chunks

  /// Real files have fewer; the bound limits the work on a malicious one.
  private static let maximumChunks = 1_000
  private static let maximumHeader = 1 << 20
  /// More is no size, but a mark.
  private static let maximumSize = 1 << 46

  /// The first chunk with one of the names.
  ///
  /// - Parameters:
  ///   - offset: Where the first chunk begins.
  ///   - headSize: The length of a chunk's name and size.
  ///   - unit: What the lengths of chunks are rounded up to.
  ///   - size: The length of the content, from the head.
  private static func chunk(
    _ names: [String], of source: SoundSource, at offset: Int, headSize: Int = 8, unit: Int = 2,
    _ size: ([UInt8]) -> Int
  ) -> (name: String, offset: Int, size: Int)? {
    var offset = offset
    let unit = headSize == 12 ? 1 : unit
    for _ in 0..<maximumChunks {
      let head = source.bytes(headSize, at: offset)
      guard head.count == headSize, offset < maximumHeader else { return nil }
      let length = size(head)
      if let name = names.first(where: { head.starts(with: $0.utf8) }) {
        return (name, offset, length)
      }
      guard length < source.size else { return nil }
      offset += headSize + (length + unit - 1) / unit * unit
    }
    return nil
  }

  private static func isChunk(_ source: SoundSource, at offset: Int) -> Bool {
    let name = source.bytes(4, at: offset)
    return name.count == 4 && name.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  /// What programs write that can't know the size: the largest number, with and without sign,
  /// sometimes less a header.
  private static func isOpen(_ size: Int) -> Bool {
    (0x7F00_0000...0x8000_FFFF).contains(size) || size >= 0xFFFF_FF00
  }

  /// The value of bytes from the highest to the lowest; the largest for what exceeds the range.
  private static func number(_ bytes: some Collection<UInt8>) -> Int {
    let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(clamping: value)
  }

  private static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }
}
