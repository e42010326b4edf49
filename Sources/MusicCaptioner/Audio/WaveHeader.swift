/// The chunks of a WAVE file (RIFF, RIFX, RF64 or BW64), parsed without trusting them.
///
/// libsndfile does the decoding. This finds out what is wrong if libsndfile refuses the file, detects
/// truncated data, which libsndfile silently accepts, and finds data that the header doesn't declare.
struct WaveHeader {
  private(set) var problem: AudioError.Reason?
  /// Where the data chunk's content is in the file, as far as it is there.
  private(set) var data: Range<Int>?
  /// The length of the data chunk in bytes; nil if the header leaves it open.
  private(set) var declaredSize: Int?
  /// Whether the header can't be left to libsndfile: it would miss the data.
  private(set) var isMisleading = false
  private(set) var bytesPerSecond = 0.0
  /// Where something begins behind the data that isn't a chunk.
  private(set) var endOfChunks: Int?
  /// Where another file begins that was joined to this one.
  private(set) var nextFile: Int?
  private(set) var sampleRate = 0
  private(set) var channelCount = 0
  private(set) var bitsPerSample = 0
  /// The number of the encoding.
  private(set) var tag: UInt32 = 0
  private var format: [UInt8] = []
  private let isBigEndian: Bool

  /// - Parameters:
  ///   - fileSize: In bytes.
  ///   - read: Reads `count` bytes at an offset, or fewer at the end.
  init?(fileSize: Int, read: (_ offset: Int, _ count: Int) -> [UInt8]) {
    let head = read(0, 12)
    guard let kind = Self.kinds.first(where: { head.starts(with: $0.utf8) }) else { return nil }
    isBigEndian = kind == "RIFX"
    isMisleading = kind == "BW64"
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
    var longSize: Int?
    // Real files have fewer than ten chunks; the bound limits the work on a malicious one.
    for _ in 0..<1_000 {
      let chunk = read(offset, 8)
      guard chunk.count == 8 else { break }
      let size = integer(chunk, 4, 4)
      let start = offset + 8
      let present = min(size, max(0, fileSize - start))
      if chunk.starts(with: "fmt ".utf8) {
        format = read(start, min(present, 1 << 12))
        readFormat(size: size, present: present)
        if problem != nil { return }
      } else if chunk.starts(with: "ds64".utf8) {
        let bytes = read(start + 8, 8)
        if bytes.count == 8, bytes[7] < 0x40 { longSize = integer(bytes, 0, 8) }
      } else if chunk.starts(with: "data".utf8) {
        readData(
          start: start, size: size == 0xFFFF_FFFF ? longSize ?? size : size, fileSize: fileSize
        ) {
          Self.isChunk(read(start, 8))
        }
        if let data, data.count == declaredSize { lookBehindData(data.upperBound, read) }
        break
      }
      offset = start + size
      // Chunks are padded to an even length, unless a program forgot that.
      if size % 2 == 1 {
        if Self.isChunk(read(offset, 4)), !Self.isChunk(read(offset + 1, 4)) {
          isMisleading = true
        } else {
          offset += 1
        }
      }
    }
    if format.isEmpty {
      problem = .badHeader(
        format: "WAV",
        found: data == nil
          ? "the header is cut short (no fmt chunk)" : "it has no fmt chunk before its data")
    } else if data == nil {
      problem = .badHeader(format: "WAV", found: "it has no data chunk")
    }
  }

  private mutating func readData(
    start: Int, size: Int, fileSize: Int, isFollowedByChunk: () -> Bool
  ) {
    let rest = max(0, fileSize - start)
    if size == 0, rest > 8, !isFollowedByChunk() {
      // A recorder that was killed before it wrote the size.
      declaredSize = 0
      isMisleading = true
      data = start..<fileSize
    } else {
      // What programs write that can't know the length, because they write into a pipe: the largest
      // number, with and without sign, sometimes less the header.
      let isOpen =
        (0x7FFF_0000...0x8000_FFFF).contains(size)
        || [0, start - 8, start].contains(0xFFFF_FFFF - size)
      declaredSize = isOpen && rest < size ? nil : size
      data = start..<start + min(size, rest)
    }
  }

  /// Looks through the chunks behind the data.
  private mutating func lookBehindData(_ end: Int, _ read: (_ offset: Int, _ count: Int) -> [UInt8])
  {
    var offset = end
    var isOdd = (declaredSize ?? 0) % 2 == 1
    for _ in 0..<1_000 {
      if isOdd, !Self.isChunk(read(offset, 4)) || Self.isChunk(read(offset + 1, 4)) { offset += 1 }
      let chunk = read(offset, 12)
      guard chunk.count >= 8 else { return }
      guard Self.isChunk(chunk), !SoundFileEnd.isOtherFile(chunk)
      else {
        endOfChunks = offset
        return
      }
      if chunk.dropFirst(8).elementsEqual("WAVE".utf8),
        Self.kinds.contains(where: { chunk.starts(with: $0.utf8) })
      {
        nextFile = offset
        return
      }
      if chunk.starts(with: "data".utf8) {
        problem = .badHeader(format: "WAV", found: "it has more than one data chunk")
        return
      }
      let size = integer(chunk, 4, 4)
      isOdd = size % 2 == 1
      offset += 8 + size
    }
  }

  private static let kinds = ["RIFF", "RIFX", "RF64", "BW64"]

  private static func isChunk(_ head: [UInt8]) -> Bool {
    head.count >= 4 && head.prefix(4).allSatisfy { $0 >= 0x20 && $0 < 0x7F }
  }

  /// A header for the data that was found, in place of the misleading one.
  var repaired: [UInt8] {
    let dataSize = data?.count ?? 0
    func number(_ value: Int) -> [UInt8] {
      let value = UInt32(clamping: value)
      return withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
    }
    let format = format + [UInt8](repeating: 0, count: format.count % 2)
    return Array((isBigEndian ? "RIFX" : "RIFF").utf8) + number(20 + format.count + dataSize)
      + Array("WAVEfmt ".utf8) + number(format.count) + format
      + Array("data".utf8) + number(dataSize)
  }

  /// What the sizes say about how the recording ended.
  ///
  /// - Parameter seconds: How long what is there is, if the header may not tell.
  func warnings(ofSeconds seconds: Double? = nil) -> [AudioWarning] {
    guard let declaredSize, let data else { return [] }
    let rate =
      bytesPerSecond > 0 ? bytesPerSecond : seconds.map { Double(data.count) / $0 } ?? 0
    guard rate > 0, rate.isFinite else { return [] }
    if declaredSize == 0, data.count > 0 {
      return [.damaged("the header declares no samples; all that follow it are read")]
    }
    guard data.count < declaredSize else { return [] }
    return [
      .cutShort(
        foundSeconds: Double(data.count) / rate, declaredSeconds: Double(declaredSize) / rate)
    ]
  }

  private mutating func readFormat(size: Int, present: Int) {
    func refused(_ found: String) -> AudioError.Reason { .badHeader(format: "WAV", found: found) }
    guard present == size else {
      problem = refused(
        size > 1 << 16
          ? "the fmt chunk declares \(size) bytes, more than the file has"
          : "the header is cut short (no complete fmt chunk)")
      return
    }
    guard format.count >= 16 else {
      problem = refused("the fmt chunk has \(size) bytes, expected 16")
      return
    }
    tag = UInt32(integer(format, 0, 2))
    if tag == 0xFFFE && format.count >= 26 { tag = UInt32(integer(format, 24, 2)) }
    let channels = integer(format, 2, 2)
    let rate = integer(format, 4, 4)
    let bits = integer(format, 14, 2)
    (sampleRate, channelCount, bitsPerSample) = (rate, channels, bits)
    let isLinear = tag == 1 || tag == 3
    bytesPerSecond = Double(rate * integer(format, 12, 2))
    if [2, 0x11, 0x31].contains(tag), format.count >= 20, integer(format, 18, 2) > 0 {
      // Blocks of several frames.
      bytesPerSecond /= Double(integer(format, 18, 2))
    } else if ![1, 3, 6, 7].contains(tag) {
      bytesPerSecond = Double(integer(format, 8, 4))
    }
    if rate == 0 { problem = .sampleRate(0) }
    if channels == 0 {
      problem = refused("0 channels is not valid; expected 1 or more")
    } else if isLinear && bits == 0 {
      problem = refused("a bit depth of 0 is not valid; expected 8, 16, 24, 32 or 64")
    } else if !Self.knownTags.contains(tag) {
      let digits = String(tag, radix: 16)
      let padding = String(repeating: "0", count: max(0, 4 - digits.count))
      problem = .unsupportedEncoding(format: "WAV", found: "0x\(padding)\(digits)")
    }
  }

  /// What is wrong with a header that libsndfile refuses.
  func refusal(_ problem: SoundFileProblem) -> AudioError.Reason {
    if !AudioLimits.sampleRates.contains(sampleRate) { return .sampleRate(sampleRate) }
    if channelCount > 1_024 {
      let found = "\(channelCount) channels is not valid; expected 1 to 1024"
      return .badHeader(format: "WAV", found: found)
    }
    let isUnknown =
      tag == 1 && !(1...32).contains(bitsPerSample)
      || tag == 3 && ![32, 64].contains(bitsPerSample)
    guard isUnknown else { return problem.reason("WAV") }
    let kind = tag == 1 ? "integers" : "floats"
    return .unsupportedEncoding(format: "WAV", found: "of \(kind) of \(bitsPerSample) bits")
  }

  /// PCM, MS ADPCM, float, A-law, µ-law, IMA ADPCM, GSM 6.10, G.721, NMS ADPCM, MPEG layers 1 to 3.
  private static let knownTags: Set<UInt32> = [
    1, 2, 3, 6, 7, 0x11, 0x31, 0x38, 0x40, 0x50, 0x55, 0x64,
  ]
  /// MPEG layers 1 and 2, and layer 3.
  var isMPEG: Bool { tag == 0x50 || tag == 0x55 }

  private func integer(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) {
      $0 | Int(bytes[offset + $1]) << (8 * (isBigEndian ? count - 1 - $1 : $1))
    }
  }
}
