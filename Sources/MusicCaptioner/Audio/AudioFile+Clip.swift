extension AudioFile {
  /// The part of the file from `start` to `end`, at the given rate, without decoding the rest.
  ///
  /// The samples are the same as those from converting the whole file: the resampler starts a
  /// little before the part, at a frame that coincides with an output sample, and stops a little
  /// after it.
  ///
  /// - Parameters:
  ///   - start: In seconds.
  ///   - end: In seconds; the end of the file if nil or later than that.
  ///   - rate: In hertz; the file's own if nil.
  package func clip(
    from start: Double = 0, to end: Double? = nil, sampleRate rate: Int? = 16_000
  ) throws(AudioError) -> AudioClip {
    let rate = rate ?? sampleRate
    guard AudioLimits.sampleRates.contains(rate) else {
      throw AudioError(.sampleRate(rate), file: path)
    }
    // The bound keeps every product below within 64 bits; NaN fails it.
    guard start >= 0, start < 1e9, end.map({ $0 > start }) ?? true else {
      throw AudioError(.rangeOutside(from: start, to: end, duration: declaredSeconds), file: path)
    }
    let limit = AudioLimits.secondsAtOnce
    let last = min(end ?? .infinity, start + limit)
    let first = outputIndex(start, rate)
    let wanted = first..<max(outputIndex(last, rate), first + 1)
    let part = InputPart(outputs: wanted, inputRate: sampleRate, outputRate: rate)

    let isOpenEnded = end.map { $0 > start + limit } ?? true
    if isOpenEnded, let declaredSeconds, declaredSeconds > start + limit {
      throw tooLong(declaredSeconds - start)
    }

    let resampler = try inFile { () throws(AudioError) in
      try Resampler(from: self.sampleRate, to: rate)
    }
    var output: [Float] = []
    var levels = SampleSanitizer()
    let count = try decode(part.frames, levels: &levels) { (block) throws(AudioError) in
      try resampler.append(block, to: &output)
    }
    try resampler.finish(&output)
    output.removeFirst(min(part.outputsBefore, output.count))
    if output.count > wanted.count { output.removeLast(output.count - wanted.count) }

    // A length that the header doesn't declare is only known now.
    if isOpenEnded && count == part.frames.count { throw tooLong(limit) }
    guard !output.isEmpty else { throw nothing(from: start, to: end) }
    return AudioClip(
      raw: output, sampleRate: rate, levels: levels,
      warnings: AudioWarning.joined(
        warnings + shortfall(lastFrame: part.frames.lowerBound + count, of: part.frames)))
  }

  /// The duration in seconds, by decoding the file to its end.
  package func measuredSeconds() throws(AudioError) -> Double {
    var levels = SampleSanitizer()
    // A bound only so that nothing overflows.
    let count = try decode(0..<1 << 48, levels: &levels) { _ in }
    return Double(count) / Double(sampleRate)
  }

  private func outputIndex(_ seconds: Double, _ rate: Int) -> Int {
    Int((seconds * Double(rate)).rounded())
  }

  private func tooLong(_ seconds: Double) -> AudioError {
    AudioError(.tooLong(seconds: seconds, limit: AudioLimits.secondsAtOnce), file: path)
  }

  /// The file has a header and nothing else.
  var noSamples: AudioError {
    let why =
      declaredFrameCount == 0
      ? "its header declares 0 samples"
      : "the stream ends early, or is damaged from its beginning"
    return AudioError(.noSamples(why), file: path)
  }

  /// The error for an empty part: the requested part lies outside, or the decoder found nothing at
  /// all.
  private func nothing(from start: Double, to end: Double?) -> AudioError {
    if start > 0 {
      let reason = AudioError.Reason.rangeOutside(from: start, to: end, duration: declaredSeconds)
      return AudioError(reason, file: path)
    }
    return noSamples
  }

  /// A warning if the file ended before both the requested part and its declared end.
  func shortfall(lastFrame: Int, of frames: Range<Int>) -> [AudioWarning] {
    guard let declaredFrameCount, lastFrame < min(frames.upperBound, declaredFrameCount) else {
      return []
    }
    let rate = Double(sampleRate)
    return [
      .cutShort(
        foundSeconds: Double(lastFrame) / rate, declaredSeconds: Double(declaredFrameCount) / rate)
    ]
  }

  /// Adds this file to errors from code that doesn't know it.
  func inFile<Result>(_ body: () throws(AudioError) -> Result) throws(AudioError) -> Result {
    do {
      return try body()
    } catch {
      throw AudioError(error.reason, file: path)
    }
  }
}

/// The input frames needed for a range of output samples.
struct InputPart {
  /// From a frame that coincides with an output sample to a little after the last one.
  let frames: Range<Int>
  /// The number of output samples before the requested ones.
  let outputsBefore: Int

  /// Longer than half of soxr's longest filter at high quality, at either rate.
  private static let marginSeconds = 0.25

  init(outputs: Range<Int>, inputRate: Int, outputRate: Int) {
    guard inputRate != outputRate else {
      frames = outputs
      outputsBefore = 0
      return
    }
    let divisor = greatestCommonDivisor(inputRate, outputRate)
    let inputStep = inputRate / divisor
    let outputStep = outputRate / divisor
    // Output sample k·outputStep is input frame k·inputStep.
    let marginOutputs = Int(Self.marginSeconds * Double(outputRate))
    let firstStep = max(0, outputs.lowerBound - marginOutputs) / outputStep
    let lastStep = (outputs.upperBound + marginOutputs) / outputStep + 1
    frames = firstStep * inputStep..<lastStep * inputStep
    outputsBefore = outputs.lowerBound - firstStep * outputStep
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}
