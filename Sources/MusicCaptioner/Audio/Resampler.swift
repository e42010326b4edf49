import CSoxr

/// soxr's high-quality (20-bit) resampler for one channel, fed in blocks.
///
/// The output is aligned with the input (soxr compensates for its filters' delay) and has ⌈count ·
/// output rate / input rate⌉ samples, like librosa's. This is the only file that calls soxr.
package final class Resampler {
  private let handle: OpaquePointer?
  private let inputRate: Int
  private let outputRate: Int
  private var inputCount = 0
  private var outputCount = 0
  private var block = [Float](repeating: 0, count: 1 << 14)

  /// - Parameters:
  ///   - inputRate: In hertz, within ``AudioLimits/sampleRates``.
  ///   - outputRate: Likewise. Equal rates pass the samples through.
  package init(from inputRate: Int, to outputRate: Int) throws(AudioError) {
    for rate in [inputRate, outputRate] where !AudioLimits.sampleRates.contains(rate) {
      throw AudioError(.sampleRate(rate), file: "")
    }
    self.inputRate = inputRate
    self.outputRate = outputRate
    guard inputRate != outputRate else {
      handle = nil
      return
    }
    var failure: soxr_error_t?
    var samples = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
    var quality = soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
    var runtime = soxr_runtime_spec(1)
    guard
      let handle = soxr_create(
        Double(inputRate), Double(outputRate), 1, &failure, &samples, &quality, &runtime)
    else {
      throw AudioError(
        .library("soxr: " + (failure.map { String(cString: $0) } ?? "no memory")), file: "")
    }
    self.handle = handle
  }

  deinit { soxr_delete(handle) }

  /// Feeds samples in and appends the output, which lags behind by a few milliseconds.
  package func append(_ samples: UnsafeBufferPointer<Float>, to output: inout [Float])
    throws(AudioError)
  {
    inputCount += samples.count
    guard let handle else {
      output.append(contentsOf: samples)
      return
    }
    guard let base = samples.baseAddress else { return }
    var position = 0
    while position < samples.count {
      var consumed = 0
      let made = try process(
        handle, base + position, samples.count - position, &consumed, &output)
      position += consumed
      if consumed == 0 && made == 0 {
        throw AudioError(.library("soxr took no samples"), file: "")
      }
    }
  }

  /// Appends the remaining output. Call once, after the last block.
  package func finish(_ output: inout [Float]) throws(AudioError) {
    guard let handle else { return }
    while try process(handle, nil, 0, nil, &output) > 0 {}
    // soxr rounds the length; librosa rounds it up and fills with zeros.
    let missing = resampledCount(inputCount, from: inputRate, to: outputRate) - outputCount
    if missing > 0 {
      output.append(contentsOf: repeatElement(0, count: missing))
    } else {
      output.removeLast(min(-missing, output.count))
    }
  }

  private func process(
    _ handle: OpaquePointer, _ input: UnsafePointer<Float>?, _ count: Int,
    _ consumed: UnsafeMutablePointer<Int>?, _ output: inout [Float]
  ) throws(AudioError) -> Int {
    var made = 0
    let failure = block.withUnsafeMutableBufferPointer {
      soxr_process(handle, input, count, consumed, $0.baseAddress, $0.count, &made)
    }
    if let failure {
      throw AudioError(.library("soxr: " + String(cString: failure)), file: "")
    }
    output.append(contentsOf: block.prefix(made))
    outputCount += made
    return made
  }
}

/// ⌈count · outputRate / inputRate⌉
func resampledCount(_ count: Int, from inputRate: Int, to outputRate: Int) -> Int {
  // In two parts, so that nothing overflows: count = whole · inputRate + rest.
  let (whole, rest) = count.quotientAndRemainder(dividingBy: inputRate)
  return whole * outputRate + (rest * outputRate + inputRate - 1) / inputRate
}

/// The samples at another rate.
///
/// - Parameters:
///   - samples: Mono, finite.
///   - inputRate: In hertz, within ``AudioLimits/sampleRates``.
///   - outputRate: Likewise.
/// - Returns: ⌈count · outputRate / inputRate⌉ samples, as `librosa.resample(res_type="soxr_hq")`.
package func resample(
  _ samples: [Float], from inputRate: Int, to outputRate: Int
) throws(AudioError) -> [Float] {
  let resampler = try Resampler(from: inputRate, to: outputRate)
  var output: [Float] = []
  output.reserveCapacity(resampledCount(samples.count, from: inputRate, to: outputRate))
  try samples.withUnsafeBufferPointer { (buffer) throws(AudioError) in
    try resampler.append(buffer, to: &output)
  }
  try resampler.finish(&output)
  return output
}
