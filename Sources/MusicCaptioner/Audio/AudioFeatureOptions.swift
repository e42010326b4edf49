/// How samples become the log-mel frames that the model gets.
///
/// The defaults are the official model's (arXiv 2307.16372; lpmc `music_captioning/model/modules.py`),
/// except for ``spectrum``.
package struct AudioFeatureOptions: Codable, Sendable, Equatable {
  /// What is computed from the complex spectrum X.
  package enum Spectrum: String, Codable, Sendable, CaseIterable {
    /// |X|², the power spectrum.
    case power
    /// (Re X)², which the official code computes and its checkpoints were trained on: it casts the
    /// complex spectrum to real numbers before squaring.
    case realPart = "real_part"
  }

  /// Samples per second, in hertz.
  package var sampleRate = 16_000
  /// Samples per frame, and per Fourier transform.
  package var fftSize = 1024
  /// Samples from the start of a frame to the start of the next.
  package var hopLength = 160
  /// The number of mel bands.
  package var melCount = 128
  /// Where the lowest band begins, in hertz.
  package var lowestFrequency = 0.0
  /// Where the highest band ends, in hertz.
  package var highestFrequency = 8000.0
  /// The length of the model's input clips, in seconds.
  package var clipSeconds = 10.0
  package var spectrum = Spectrum.power
  /// Each band's mean over the training set, in dB, to be subtracted; nil leaves the log-mel as it
  /// is.
  package var mean: [Float]?
  /// Each band's standard deviation, in dB, to divide by.
  package var deviation: [Float]?

  package init() {}

  /// Reads the keys that are present; the others keep their defaults.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ property: inout Value) throws {
      property = try values.decodeIfPresent(Value.self, forKey: key) ?? property
    }
    try read(.sampleRate, &sampleRate)
    try read(.fftSize, &fftSize)
    try read(.hopLength, &hopLength)
    try read(.melCount, &melCount)
    try read(.lowestFrequency, &lowestFrequency)
    try read(.highestFrequency, &highestFrequency)
    try read(.clipSeconds, &clipSeconds)
    try read(.spectrum, &spectrum)
    mean = try values.decodeIfPresent([Float].self, forKey: .mean)
    deviation = try values.decodeIfPresent([Float].self, forKey: .deviation)
  }

  /// The number of samples in a clip.
  package var clipSamples: Int { Int((clipSeconds * Double(sampleRate)).rounded()) }

  /// The number of frames in a clip: one centered on every hop, including both ends.
  package var clipFrames: Int { 1 + clipSamples / hopLength }

  /// Throws an error for the first invalid value.
  package func validate() throws(AudioError) {
    func check(
      _ isRight: Bool, _ name: String, _ found: some CustomStringConvertible, _ expected: String
    ) throws(AudioError) {
      if isRight { return }
      throw AudioError(
        file: "", reason: .option(name: name, found: found.description, expected: expected))
    }
    let rates = AudioLimits.sampleRates
    try check(
      rates.contains(sampleRate), "sample_rate", sampleRate,
      "\(rates.lowerBound) to \(rates.upperBound) Hz")
    try check(
      (16...65_536).contains(fftSize) && fftSize % 2 == 0, "fft_size", fftSize,
      "an even number from 16 to 65536")
    try check((1...fftSize).contains(hopLength), "hop_length", hopLength, "1 to fft_size")
    try check((1...4096).contains(melCount), "mel_count", melCount, "1 to 4096")
    let nyquist = Double(sampleRate) / 2
    try check(
      lowestFrequency >= 0 && lowestFrequency < nyquist, "lowest_frequency", lowestFrequency,
      "0 Hz to less than half the sample rate")
    try check(
      highestFrequency > lowestFrequency && highestFrequency <= nyquist, "highest_frequency",
      highestFrequency, "more than lowest_frequency, at most half the sample rate")
    try check(
      clipSeconds > 0 && clipSeconds <= 600 && clipSamples > 0, "clip_seconds", clipSeconds,
      "more than 0, at most 600")
    try check(
      mean?.count ?? melCount == melCount && mean?.allSatisfy(\.isFinite) ?? true, "mean",
      "\(mean?.count ?? 0) numbers", "\(melCount) finite numbers, one for each band")
    try check(
      deviation?.count ?? melCount == melCount
        && deviation?.allSatisfy { $0.isFinite && $0 > 0 } ?? true, "deviation",
      "\(deviation?.count ?? 0) numbers", "\(melCount) positive numbers, one for each band")
  }
}
