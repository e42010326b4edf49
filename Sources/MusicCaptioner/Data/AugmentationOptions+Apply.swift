extension AugmentationOptions {
  /// A changed copy of one clip's log-mel; the changes depend only on `random`.
  ///
  /// - Parameters:
  ///   - logMel: `[frames, mels]`, in dB, or standardized per band.
  ///   - deviation: The divisor of each band's dB values, `[mels]`; nil if they weren't divided.
  func applied(to logMel: Tensor, deviation: [Float]?, random: inout RandomSource) -> Tensor {
    guard !isOff, logMel.count > 0 else { return logMel }
    let (frames, mels) = (logMel.shape[0], logMel.shape[1])
    var values = logMel.values
    if timeRotation {
      let start = random.integer(below: frames) * mels
      values = Array(values[start...] + values[..<start])
    }
    if gainDecibels > 0 {
      // A gain multiplies the power of every band equally: in dB it adds. The floor of the
      // logarithm moves along, as the noise would in a louder recording.
      let gain = random.uniform(in: -gainDecibels...gainDecibels)
      let shift = (0..<mels).map { mel in deviation.map { gain / $0[mel] } ?? gain }
      for frame in 0..<frames {
        for mel in 0..<mels { values[frame * mels + mel] += shift[mel] }
      }
    }
    guard timeMasks > 0 || frequencyMasks > 0 else { return Tensor(logMel.shape, values) }
    // Masks are filled with the clip's mean, which is neutral on any scale; the paper's 0 is the
    // mean of standardized features.
    let fill = Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
    for _ in 0..<timeMasks {
      let span = Self.span(of: frames, widest: timeMaskFrames, random: &random)
      for index in (span.lowerBound * mels)..<(span.upperBound * mels) { values[index] = fill }
    }
    for _ in 0..<frequencyMasks {
      let span = Self.span(of: mels, widest: frequencyMaskMels, random: &random)
      for frame in 0..<frames {
        for mel in span { values[frame * mels + mel] = fill }
      }
    }
    return Tensor(logMel.shape, values)
  }

  /// A width uniform in 0 to `widest`, at a uniformly chosen place where it fits.
  private static func span(of length: Int, widest: Int, random: inout RandomSource) -> Range<Int> {
    let width = random.integer(below: min(widest, length) + 1)
    let start = random.integer(below: length - width + 1)
    return start..<(start + width)
  }
}
