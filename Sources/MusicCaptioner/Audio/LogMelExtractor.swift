import CKernels
import Foundation

/// Turns samples into log-mel frames, the input of the model's front end.
///
/// Frames are centered on every ``AudioFeatureOptions/hopLength``th sample, with the signal
/// reflected at both ends. A periodic Hann window; FFTW's transform; the squared spectrum through a
/// sparse ``MelFilterBank``; 10·log₁₀(max(x, 1e-10)); then, if the options have them, minus the
/// band's mean and divided by its standard deviation.
///
/// One extractor may be used by any number of threads at once. A call runs on the calling thread:
/// distribute clips over threads, not frames.
public final class LogMelExtractor: Sendable {
  public let options: AudioFeatureOptions

  private let plan: FourierPlan
  private let bank: MelFilterBank
  private let window: [Float]
  /// The factor and offset of each band that standardize the decibels, if requested.
  private let standardization: (scale: [Float], shift: [Float])?

  /// - Throws: The first invalid option.
  public init(_ options: AudioFeatureOptions = AudioFeatureOptions()) throws(OptionError) {
    try options.validate()
    self.options = options
    plan = FourierPlan(size: options.fftSize)
    bank = MelFilterBank(options)
    window = (0..<options.fftSize).map { index in
      Float(0.5 - 0.5 * cos(2 * .pi * Double(index) / Double(options.fftSize)))
    }
    if options.mean == nil && options.deviation == nil {
      standardization = nil
    } else {
      let mean = options.mean ?? Array(repeating: 0, count: options.melCount)
      let deviation = options.deviation ?? Array(repeating: 1, count: options.melCount)
      standardization = (deviation.map { 1 / $0 }, zip(mean, deviation).map { -$0 / $1 })
    }
  }

  /// The number of frames for `sampleCount` samples.
  public func frameCount(sampleCount: Int) -> Int { 1 + sampleCount / options.hopLength }

  /// The log-mel spectrogram of a clip at the options' rate.
  ///
  /// - Parameter samples: Mono, of any length; NaN and infinity are treated as silence.
  /// - Returns: Decibels, `[frames, mels]`: one frame more than the whole hops that fit.
  public func callAsFunction(_ samples: [Float]) -> Tensor {
    let padded = reflected(samples)
    let frameCount = frameCount(sampleCount: samples.count)
    var result = Tensor(uninitialized: [frameCount, options.melCount])
    result.withUnsafeMutableBufferPointer { output in
      padded.withUnsafeBufferPointer { input in
        guard let output = output.baseAddress, let input = input.baseAddress else { return }
        let scratch = LogMelScratch(size: options.fftSize, melCount: options.melCount)
        for first in stride(from: 0, to: frameCount, by: LogMelScratch.blockFrames) {
          let count = min(LogMelScratch.blockFrames, frameCount - first)
          transform(input + first * options.hopLength, frames: count, scratch)
          filter(output + first * options.melCount, frames: count, scratch)
        }
      }
    }
    return result
  }

  /// The squared spectra of a block of frames into `scratch.columns` `[bins, frames]`.
  private func transform(
    _ input: UnsafePointer<Float>, frames: Int, _ scratch: borrowing LogMelScratch
  ) {
    let bins = scratch.binCount
    let realPartOnly: Int32 = options.spectrum == .realPart ? 1 : 0
    for index in 0..<frames {
      ck_multiply(scratch.frame, input + index * options.hopLength, window, options.fftSize)
      plan.transform(scratch)
      ck_power_spectrum(
        scratch.powers + index * bins, scratch.spectrum, plan.cosines, plan.sines, bins - 1,
        realPartOnly)
    }
    ck_transpose(scratch.columns, scratch.powers, frames, bins)
  }

  /// The mel bands of a block of frames, in decibels, into `output` `[frames, mels]`.
  private func filter(
    _ output: UnsafeMutablePointer<Float>, frames: Int, _ scratch: borrowing LogMelScratch
  ) {
    let mels = options.melCount
    for (band, filter) in bank.filters.enumerated() {
      bank.weights.withUnsafeBufferPointer { weights in
        ck_weighted_rows(
          scratch.bands + band * frames, scratch.columns + filter.firstBin * frames,
          weights.baseAddress.map { $0 + filter.firstWeight }, filter.weightCount, frames)
      }
    }
    ck_decibels(scratch.bands, scratch.bands, mels * frames)
    ck_transpose(output, scratch.bands, mels, frames)
    guard let standardization else { return }
    for index in 0..<frames {
      let frame = output + index * mels
      ck_multiply(frame, frame, standardization.scale, mels)
      ck_add(frame, frame, standardization.shift, mels)
    }
  }

  /// The samples with half a frame reflected at both ends (the end itself is not repeated), and
  /// with zeros for non-finite values. Shorter signals are reflected back and forth.
  private func reflected(_ samples: [Float]) -> [Float] {
    let half = options.fftSize / 2
    let count = samples.count
    guard count > 0 else { return Array(repeating: 0, count: 2 * half) }
    let period = max(1, 2 * (count - 1))
    func mirrored(_ index: Int) -> Float {
      let place = ((index % period) + period) % period
      return samples[min(place, period - place)]
    }
    var padded: [Float] = []
    padded.reserveCapacity(count + 2 * half)
    for index in -half..<0 { padded.append(mirrored(index)) }
    padded.append(contentsOf: samples)
    for index in count..<count + half { padded.append(mirrored(index)) }
    var levels = SampleSanitizer()
    padded.withUnsafeMutableBufferPointer { levels.repair($0) }
    if let factor = levels.factor { return padded.map { $0 * factor } }
    return padded
  }
}
