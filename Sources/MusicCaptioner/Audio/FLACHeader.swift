/// The length that a FLAC file declares.
///
/// libsndfile stops there, even if more follows: a stream that was cut or joined. So it is shown no
/// length, and the end is where the samples end.
struct FLACHeader {
  /// nil if it isn't declared, or can't be.
  let frameCount: Int?
  private let head: [UInt8]

  /// - Returns: nil unless the file begins as FLAC.
  init?(_ source: SoundSource) {
    // The marker, and the stream's information with its header.
    let head = source.bytes(4 + 4 + 34, at: 0)
    guard head.count == 42, head.starts(with: "fLaC".utf8), head[4] & 0x7F == 0 else { return nil }
    let count = head[21..<26].reduce(0) { $0 << 8 | Int($1) } & 0xF_FFFF_FFFF
    // A frame has 65,535 samples at most, and 14 bytes at least.
    frameCount = count == 0 || count / 5_000 > source.size ? nil : count
    self.head = head
  }

  /// The same file with a header that leaves the length open.
  func withoutLength(_ source: SoundSource) -> SoundSource {
    var head = head
    head[21] &= 0xF0
    for index in 22..<26 { head[index] = 0 }
    return SoundSource(head, part: head.count..<source.size, of: source)
  }
}
