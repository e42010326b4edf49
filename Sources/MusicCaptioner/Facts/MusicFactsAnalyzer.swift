import Foundation

/// Measures ``MusicFacts`` of a stream, in one pass beside whatever else reads it.
///
/// Gets the same music twice: as the file has it, for what is measured in every channel, and mixed
/// and resampled. Blocks may have any sizes, and the result doesn't depend on them. What is kept
/// doesn't grow with the music, except for ten numbers a second for the loudness. Belongs to one
/// thread at a time; all samples have to be finite numbers, as what ``AudioFile`` decodes.
package final class MusicFactsAnalyzer {
  /// The rate at which rhythm and pitch are measured, in hertz.
  private static let analysisRate = 16_000

  private let sampleRate: Int
  private let channelCount: Int
  private var sampleCount = 0
  private var peak: Float = 0
  private var loudness: LoudnessMeter
  private var silence: SilenceMeter
  private var clipping: ClippingMeter
  private var channels: ChannelMeter
  private(set) var rhythm = RhythmAnalysis()
  private(set) var pitches = PitchClasses()
  private let resampler: Resampler
  private var resampled: [Float] = []

  /// - Parameters:
  ///   - sampleRate: The file's, in hertz, within ``AudioLimits/sampleRates``.
  ///   - channelCount: The file's, 1 or more.
  ///   - monoRate: The rate of what ``append(mono:)`` will take, in hertz.
  package init(
    sampleRate: Int, channelCount: Int, monoRate: Int = 16_000
  ) throws(AudioError) {
    guard AudioLimits.sampleRates.contains(sampleRate) else {
      throw AudioError(.sampleRate(sampleRate), file: "")
    }
    let channelCount = max(1, channelCount)
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    loudness = LoudnessMeter(sampleRate: sampleRate, channelCount: channelCount)
    silence = SilenceMeter(sampleRate: sampleRate, channelCount: channelCount)
    clipping = ClippingMeter(channelCount: channelCount)
    channels = ChannelMeter(channelCount: channelCount)
    resampler = try Resampler(from: monoRate, to: Self.analysisRate)
  }

  /// Takes in whole frames as the file has them: a sample of each channel, again and again.
  package func append(interleaved samples: ArraySlice<Float>) {
    let blockPeak = SampleSums.peak(samples)
    peak = max(peak, blockPeak)
    sampleCount += samples.count
    loudness.append(samples)
    silence.append(samples)
    clipping.append(samples, peak: blockPeak)
    channels.append(samples)
  }

  /// Takes in the same music, mixed to mono, at the rate that was given.
  package func append(mono samples: ArraySlice<Float>) throws(AudioError) {
    try samples.withUnsafeBufferPointer { (samples) throws(AudioError) in
      try resampler.append(samples, to: &resampled)
    }
    measureResampled()
  }

  private func measureResampled() {
    // Larger values would overflow when they are squared.
    let limit: Float = 1e9
    if SampleSums.peak(resampled[...]) > limit {
      resampled = resampled.map { min(max($0, -limit), limit) }
    }
    rhythm.append(resampled[...])
    pitches.append(resampled[...])
    resampled.removeAll(keepingCapacity: true)
  }

  /// What was measured. Call once, after the last block.
  package func finish() throws(AudioError) -> MusicFacts {
    try resampler.finish(&resampled)
    measureResampled()
    rhythm.finish()
    pitches.finish()
    let frameCount = sampleCount / channelCount
    let rate = Double(sampleRate)
    let seconds = { (frames: Int) in Self.rounded(Double(frames) / rate, 1_000) }
    let (start, end) = silence.finish(frameCount: frameCount)
    let tempo = self.tempo()
    return MusicFacts(
      duration: seconds(frameCount), tempo: tempo, key: key(), meter: meter(tempo),
      loudness: integratedLoudness(), silence: .init(start: seconds(start), end: seconds(end)),
      clipping: clippingShare(), channels: channels.isStereo ? .stereo : .mono)
  }

  /// A guess that is three times as likely to be wrong says nothing.
  private static let leastConfidence = 0.25

  private func tempo() -> MusicFacts.Tempo? {
    guard let choice = TempoChoice(rhythm), choice.confidence >= Self.leastConfidence else {
      return nil
    }
    return .init(
      beatsPerMinute: Self.rounded(choice.beatsPerMinute, 100),
      confidence: Self.rounded(choice.confidence, 1_000))
  }

  private func key() -> MusicFacts.Key? {
    guard let choice = KeyChoice(pitches), choice.confidence >= Self.leastConfidence else {
      return nil
    }
    return .init(
      tonic: choice.name, mode: choice.isMajor ? "major" : "minor",
      confidence: Self.rounded(choice.confidence, 1_000))
  }

  private func meter(_ tempo: MusicFacts.Tempo?) -> MusicFacts.Meter? {
    guard let tempo,
      let choice = MeterChoice(rhythm, pitches.harmony, beatsPerMinute: tempo.beatsPerMinute)
    else { return nil }
    // Bars of beats that aren't the music's mean little.
    let confidence = choice.confidence * (1 + tempo.confidence) / 2
    return .init(beatsPerBar: choice.beatsPerBar, confidence: Self.rounded(confidence, 1_000))
  }

  /// What ``AudioClip`` scales to full scale is measured as if it were.
  private var gain: Double { peak > AudioLimits.level ? 1 / Double(peak) : 1 }

  private func integratedLoudness() -> Double? {
    loudness.integrated(gain: gain).flatMap { $0.isFinite ? Self.rounded($0, 100) : nil }
  }

  private func clippingShare() -> MusicFacts.Clipping {
    guard gain == 1, sampleCount > 0 else { return .init(runs: 0, samples: 0, share: 0) }
    return .init(
      runs: clipping.runs, samples: clipping.samples,
      share: Double(clipping.samples) / Double(sampleCount))
  }

  private static func rounded(_ value: Double, _ parts: Double) -> Double {
    (value * parts).rounded() / parts
  }
}

extension AudioChunkReader {
  /// Measures what is read from now on. After the last chunk, the analyzer's
  /// ``MusicFactsAnalyzer/finish()`` gives the facts.
  package func makeAnalyzer() throws(AudioError) -> MusicFactsAnalyzer {
    let analyzer = try file.inFile { () throws(AudioError) in
      try MusicFactsAnalyzer(
        sampleRate: self.file.sampleRate, channelCount: self.file.channelCount,
        monoRate: self.options.sampleRate)
    }
    taps = (
      { analyzer.append(interleaved: $0) },
      { (samples) throws(AudioError) in try analyzer.append(mono: samples) }
    )
    return analyzer
  }
}
