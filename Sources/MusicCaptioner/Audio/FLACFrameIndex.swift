/// Where the frames of a FLAC file are, as far as they follow one another without a gap.
///
/// libFLAC looks for a place by the numbers of the frames that it comes across. Where files were joined, the second
/// one's frames have the numbers of the first one's again, and it would go to the wrong one. So the headers of all
/// frames are looked at, once, before the first jump.
struct FLACFrameIndex {
  struct Entry {
    /// In the file, in bytes.
    let offset: Int
    /// The samples before it, of each channel.
    let frame: Int
  }

  /// At least one. Between two of them are enough bytes that a search through them costs little.
  private(set) var entries: [Entry]

  private static let blockSize = 1 << 18
  private static let distance = 1 << 15

  /// - Parameters:
  ///   - start: Where the first frame begins.
  ///   - first: The number of its first sample.
  init(_ source: SoundSource, from start: Int, first: Int) {
    entries = [Entry(offset: start, frame: 0)]
    var expected = first
    var blockSize: Int?
    var offset = start
    while offset + FLACFrameHeader.longest <= source.size {
      let block = source.bytes(Self.blockSize, at: offset)
      if block.count < FLACFrameHeader.longest { return }
      block.withUnsafeBufferPointer { bytes in
        var index = 0
        while index <= bytes.count - FLACFrameHeader.longest {
          guard bytes[index] == 0xFF, bytes[index + 1] & 0xFE == 0xF8,
            let header = FLACFrameHeader(bytes[index..<index + FLACFrameHeader.longest])
          else {
            index += 1
            continue
          }
          // All frames of a stream without varying sizes have the first one's, but for the last.
          let size = blockSize ?? header.blockSize
          if header.firstSample(size) == expected {
            blockSize = size
            add(Entry(offset: offset + index, frame: expected - first))
            expected += header.blockSize
          }
          index += 2
        }
      }
      offset += block.count - FLACFrameHeader.longest + 1
    }
  }

  private mutating func add(_ entry: Entry) {
    let last = entries[entries.count - 1]
    if entry.offset - last.offset >= Self.distance { entries.append(entry) }
  }

  /// The last entry that isn't behind a frame.
  func entry(before frame: Int) -> Entry {
    var (low, high) = (0, entries.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if entries[middle].frame <= frame { low = middle } else { high = middle - 1 }
    }
    return entries[low]
  }
}

/// The beginning of a frame (RFC 9639, 9.1), as far as it tells the place of its samples.
struct FLACFrameHeader {
  /// The number of samples of each channel.
  let blockSize: Int
  /// Of the frame or of its first sample.
  private let number: Int
  private let countsSamples: Bool

  /// In bytes.
  static let longest = 16

  /// - Parameter bytes: ``longest`` ones.
  /// - Returns: nil for anything else; one of 256 random places behind the mark passes the checksum.
  init?(_ bytes: some RandomAccessCollection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.longest, bytes[0] == 0xFF, bytes[1] & 0xFE == 0xF8, bytes[3] & 1 == 0
    else { return nil }
    countsSamples = bytes[1] & 1 == 1
    // Written as UTF-8 writes a character, with up to 36 bits.
    let ones = (~bytes[4]).leadingZeroBitCount
    guard ones != 1, ones <= 7 else { return nil }
    let length = max(1, ones)
    var number = ones == 0 ? Int(bytes[4]) : Int(bytes[4]) & (0x7F >> ones)
    for byte in bytes[5..<4 + length] {
      guard byte & 0xC0 == 0x80 else { return nil }
      number = number << 6 | Int(byte & 0x3F)
    }
    self.number = number
    var end = 4 + length
    let code = Int(bytes[2] >> 4)
    switch code {
    case 0: return nil
    case 1: blockSize = 192
    case 2...5: blockSize = 576 << (code - 2)
    case 6:
      blockSize = Int(bytes[end]) + 1
      end += 1
    case 7:
      blockSize = Int(bytes[end]) << 8 + Int(bytes[end + 1]) + 1
      end += 2
    default: blockSize = 256 << (code - 8)
    }
    switch bytes[2] & 15 {
    case 12: end += 1
    case 13, 14: end += 2
    case 15: return nil
    default: break
    }
    guard end < bytes.count, Self.checksum(bytes[..<end]) == bytes[end] else { return nil }
  }

  /// The number of its first sample.
  ///
  /// - Parameter blockSize: That of the stream, if it doesn't vary.
  func firstSample(_ blockSize: Int) -> Int { countsSamples ? number : number * blockSize }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    bytes.reduce(0) { sum, byte in
      (0..<8).reduce(sum ^ byte) { value, _ in value << 1 ^ (value >> 7 == 0 ? 0 : 0x07) }
    }
  }
}
