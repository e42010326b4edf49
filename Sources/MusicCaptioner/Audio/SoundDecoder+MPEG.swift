extension MPEGFrameIndex {
  /// The decoder for the indexed frames.
  ///
  /// - Parameter outer: What a container around the frames declares of them.
  func decoder(
    _ source: SoundSource, warnings outer: [AudioWarning] = []
  ) throws(AudioError) -> any SoundDecoder {
    var warnings: [AudioWarning] = []
    if skippedCount > 0 {
      warnings.append(
        .damaged("\(skippedCount) bytes between MPEG frames can't be decoded and are left out"))
    }
    // What is shorter than a frame never was sound.
    if restCount > MPEGFrameReader.longestFrame {
      warnings.append(
        .damaged("\(restCount) bytes after the last MPEG frame can't be decoded and are left out"))
    }
    let declared = info?.frameCount ?? 0
    // Some encoders count the frame of the declaration itself.
    if frameCount + 1 < declared, let info, let header = runs.first?.header {
      let seconds = { Double($0 * header.sampleCount - info.delay) / Double(header.sampleRate) }
      warnings.append(
        .cutShort(foundSeconds: seconds(frameCount), declaredSeconds: seconds(declared)))
    }
    // One of them is enough.
    if !warnings.contains(where: \.isCutShort) { warnings += outer }
    // The end is padding only if nothing follows that the encoder didn't know of, and nothing is
    // missing.
    let isWhole = runs.count == 1 && frameCount == declared
    let parts = runs.enumerated().map { index, run in
      let delay = index == 0 ? info?.delay ?? 0 : 0
      let padding = isWhole ? info?.padding ?? 0 : 0
      let length = run.frames.count * run.header.sampleCount
      return JoinedDecoder.Part(
        sampleRate: run.header.sampleRate, channelCount: run.header.channelCount,
        frameCount: max(0, length - delay - padding)
      ) { () throws(AudioError) in
        try MPEGDecoder(source, run, delay: delay, padding: padding)
      }
    }
    return JoinedDecoder(parts, warnings: warnings)
  }
}
