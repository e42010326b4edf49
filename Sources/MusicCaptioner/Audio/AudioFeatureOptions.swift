/// How samples become the log-mel frames that the model gets.
///
/// The defaults are the official model's (arXiv 2307.16372; lpmc `music_captioning/model/modules.py`),
/// except for ``spectrum``.
public struct AudioFeatureOptions: Options {
  /// What is computed from the complex spectrum X.
  public enum Spectrum: String, Codable, Sendable, CaseIterable {
    /// |X|², the power spectrum.
    case power
    /// (Re X)², which the official code computes and its checkpoints were trained on: it casts the
    /// complex spectrum to real numbers before squaring.
    case realPart = "real_part"
  }

  /// Samples per second, in hertz.
  public var sampleRate = 16_000
  /// Samples per frame, and per Fourier transform.
  public var fftSize = 1024
  /// Samples from the start of a frame to the start of the next.
  public var hopLength = 160
  /// The number of mel bands.
  public var melCount = 128
  /// Where the lowest band begins, in hertz.
  public var lowestFrequency = 0.0
  /// Where the highest band ends, in hertz.
  public var highestFrequency = 8000.0
  /// The length of the model's input clips, in seconds.
  public var clipSeconds = 10.0
  public var spectrum = Spectrum.power
  /// Each band's mean over the training set, in dB, to be subtracted; nil leaves the log-mel as it
  /// is.
  public var mean: [Float]?
  /// Each band's standard deviation, in dB, to divide by.
  public var deviation: [Float]?

  public init() {}

  /// The number of samples in a clip.
  public var clipSamples: Int { Int((clipSeconds * Double(sampleRate)).rounded()) }

  /// The number of frames in a clip: one centered on every hop, including both ends.
  public var clipFrames: Int { 1 + clipSamples / hopLength }

  /// The most numbers in a clip's log-mel: 64 MiB, 130 times the official model's.
  private static let largestClip = 1 << 24
  /// The most samples in a clip's transforms together: 260 times the official model's.
  private static let largestTransforms = 1 << 28

  public var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    let rates = AudioLimits.sampleRates
    checks.check(
      rates.contains(sampleRate), .sampleRate, sampleRate,
      "\(rates.lowerBound) to \(rates.upperBound) Hz")
    checks.check(
      (16...65_536).contains(fftSize) && fftSize % 2 == 0, .fftSize, fftSize,
      "an even number from 16 to 65536")
    checks.check(
      hopLength >= 1 && hopLength <= fftSize, .hopLength, hopLength, "1 to fft_size (\(fftSize))")
    checks.check((1...4096).contains(melCount), .melCount, melCount, "1 to 4096")
    let nyquist = Double(sampleRate) / 2
    checks.check(
      lowestFrequency >= 0 && lowestFrequency < nyquist, .lowestFrequency, lowestFrequency,
      "0 Hz to less than half the sample rate")
    checks.check(
      highestFrequency > lowestFrequency && highestFrequency <= nyquist, .highestFrequency,
      highestFrequency, "more than lowest_frequency, at most half the sample rate")
    checks.check(
      clipSeconds > 0 && clipSeconds <= 600 && (!rates.contains(sampleRate) || clipSamples > 0),
      .clipSeconds, clipSeconds,
      "more than 0, at most 600")
    // Only with sizes that are valid by themselves can their products be judged.
    if checks.problems.isEmpty {
      checks.check(
        clipFrames * melCount <= Self.largestClip, .clipSeconds,
        "\(clipSeconds), \(clipFrames) frames of \(melCount) bands",
        "at most \(Self.largestClip) numbers for a clip; use a larger hop_length or fewer bands")
      checks.check(
        clipFrames * fftSize <= Self.largestTransforms, .fftSize,
        "\(fftSize), in \(clipFrames) frames of a clip",
        "at most \(Self.largestTransforms) samples in all; use a larger hop_length")
    }
    checks.check(
      mean?.count ?? melCount == melCount && mean?.allSatisfy(\.isFinite) ?? true, .mean,
      "\(mean?.count ?? 0) numbers", "\(melCount) finite numbers, one for each band")
    checks.check(
      deviation?.count ?? melCount == melCount
        && deviation?.allSatisfy { $0.isFinite && $0 > 0 } ?? true, .deviation,
      "\(deviation?.count ?? 0) numbers", "\(melCount) positive numbers, one for each band")
    return checks.problems
  }
}
