/// The first frame of an MP3 file, if an encoder left information in it instead of sound: "Xing"
/// or "Info", extended by LAME.
struct MPEGInfoTag: Equatable {
  /// The number of frames after this one; nil if it isn't declared.
  private(set) var frameCount: Int?
  /// The samples at the beginning that are not part of the music.
  private(set) var delay = 0
  /// The samples at the end that are not part of the music.
  private(set) var padding = 0

  /// What every decoder of layer 3 adds to the delay.
  private static let decoderDelay = 529

  /// - Parameter frame: The frame with its header.
  init?(_ frame: [UInt8], _ header: MPEGFrameHeader) {
    let start = 4 + header.sideLength
    guard header.layer == 3, frame.count >= start + 8 else { return nil }
    let name = frame[start..<start + 4]
    guard name.elementsEqual("Xing".utf8) || name.elementsEqual("Info".utf8),
      // All else is zero but the checksum after the header.
      frame[6..<start].allSatisfy({ $0 == 0 })
    else { return nil }
    var offset = start + 8
    let flags = frame[start + 7]
    if flags & 1 != 0, frame.count >= offset + 4 {
      let count = frame[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      if count > 0, count < 1 << 31 { frameCount = count }
      offset += 4
    }
    if flags & 2 != 0 { offset += 4 }
    if flags & 4 != 0 { offset += 100 }
    if flags & 8 != 0 { offset += 4 }
    // Nothing is cut unless the length is known, and the decoder's own delay always with it: as
    // libmpg123 does, so that samples are where other programs have them.
    guard frameCount != nil else { return }
    delay = Self.decoderDelay
    guard frame.count >= offset + 24, frame[offset] != 0 else { return }
    let (a, b, c) = (Int(frame[offset + 21]), Int(frame[offset + 22]), Int(frame[offset + 23]))
    delay += a << 4 | b >> 4
    padding = max(0, (b & 15) << 8 | c - Self.decoderDelay)
  }
}
