import CKernels
import Foundation

/// The squared spectra of frames that are cut out of longer signals, one at a time.
///
/// Holds the buffers of a transform, so it belongs to one thread at a time.
final class PowerSpectrum {
  /// The number of samples in a frame.
  let size: Int
  /// From 0 Hz to half the sample rate, both included.
  var binCount: Int { size / 2 + 1 }

  private let plan: FourierPlan
  private let window: [Float]
  private let scratch: LogMelScratch

  /// - Parameter window: What every sample of a frame is multiplied by; its count, which is even, is
  ///   the frame's size.
  init(window: [Float]) {
    size = window.count
    plan = FourierPlan(size: size)
    self.window = window
    scratch = LogMelScratch(size: size, melCount: 0)
  }

  /// A periodic Hann window.
  convenience init(hann size: Int) {
    self.init(window: SpectralWindow.hann(count: size, period: size))
  }

  /// Replaces `powers` by the |X|² of the frame that begins at `first`, without any scaling.
  func callAsFunction(_ samples: [Float], from first: Int, into powers: inout [Float]) {
    precondition(first >= 0 && first + size <= samples.count, "the frame ends after the samples")
    if powers.count != binCount { powers = Array(repeating: 0, count: binCount) }
    samples.withUnsafeBufferPointer { input in
      guard let input = input.baseAddress else { return }
      ck_multiply(scratch.frame, input + first, window, size)
    }
    plan.transform(scratch)
    ck_power_spectrum(&powers, scratch.spectrum, plan.cosines, plan.sines, binCount - 1, 0)
  }
}

/// Windows for spectra.
enum SpectralWindow {
  /// 0.5 − 0.5·cos(2π·i/period): periodic where the period is the count, symmetric where it is one
  /// less.
  static func hann(count: Int, period: Int) -> [Float] {
    let step = 2 * Double.pi / Double(max(1, period))
    return (0..<count).map { index in Float(0.5 - 0.5 * cos(step * Double(index))) }
  }
}
