/// Whether frames that were found behind something else are sound.
///
/// The rows of a picture may look like a run of headers at equal distances: then the frames are copies of each
/// other, or don't decode, or there is much between them. An archive may contain a real one: then the rest of the file
/// isn't sound.
extension MPEGFrameIndex {
  func isPlausible(in source: SoundSource) -> Bool {
    guard let longest = runs.max(by: { $0.frames.count < $1.frames.count }) else { return false }
    let byteCount = runs.reduce(0) { $0 + $1.frames.reduce(0) { $0 + $1.length } }
    let strange = skippedCount + restCount
    // An encoder's own frame at the beginning is a better sign than any number of bytes.
    let isMostlySound =
      strange <= byteCount / 2 && (info != nil || strange + frontCount <= byteCount)
    // A recording may be silent in one place.
    return isMostlySound && differ(source)
      && [2, 1, 3].contains { decodes(longest, source, at: $0) }
  }

  /// Whether the frames differ, but for a few: those of a silent beginning are the same.
  private func differ(_ source: SoundSource) -> Bool {
    var contents: Set<UInt64> = []
    let step = max(1, frameCount / Self.comparedFrames)
    for (index, frame) in runs.lazy.flatMap(\.frames).enumerated() where index % step == 0 {
      var hash = FNVHash()
      for byte in source.bytes(frame.length, at: frame.offset).dropFirst(4) { hash.add(byte) }
      contents.insert(hash.value)
    }
    return contents.count * 8 >= frameCount / step
  }

  private static let comparedFrames = 1_000

  /// Whether most frames at a quarter, or at several, can be decoded: what can't be is silent.
  private func decodes(_ run: MPEGRun, _ source: SoundSource, at quarter: Int) -> Bool {
    let count = min(run.frames.count, 64)
    let first = (run.frames.count - count) * quarter / 4
    let length = run.header.sampleCount
    guard let decoder = try? MPEGDecoder(source, run, delay: 0, padding: 0),
      decoder.seek(to: first * length)
    else { return false }
    let width = length * decoder.channelCount
    var samples = [Float](repeating: 0, count: count * width)
    let found = samples.withUnsafeMutableBufferPointer { decoder.read(count * length, into: $0) }
    let silent = (0..<found / length).count { frame in
      samples[frame * width..<(frame + 1) * width].allSatisfy { $0 == 0 }
    }
    // The first ones of a cut file may lack the bits that frames before them kept.
    return silent <= 3 + count / 4
  }
}
