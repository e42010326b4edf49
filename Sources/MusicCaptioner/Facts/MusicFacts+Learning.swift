import Foundation

extension MusicFacts {
  /// What ``TempoWeights``, ``KeyWeights`` and ``MeterWeights`` are learned from: the features of each
  /// candidate for the tempo, those of the key, and those of the meter at a tempo.
  @_spi(Benchmarks)
  public static func learningNumbers(
    contentsOf url: URL, beatsPerMinute: Double?
  ) throws(AudioError) -> [Float] {
    let clip = try AudioClip(contentsOf: url)
    let analyzer = try MusicFactsAnalyzer(sampleRate: clip.sampleRate, channelCount: 1)
    try analyzer.append(mono: clip.samples[...])
    _ = try analyzer.finish()
    let (rhythm, pitches) = (analyzer.rhythm, analyzer.pitches)
    let tempo = TempoChoice.refined(beatsPerMinute ?? TempoChoice.middle, rhythm)
    var numbers = TempoChoice.candidates.flatMap { TempoChoice.features(of: rhythm, at: $0) }
    numbers += KeyChoice.features(of: pitches).flatMap { $0 }
    numbers += MeterChoice.features(of: rhythm, pitches.harmony, beatsPerMinute: tempo)
    return numbers.map { $0.isFinite ? Float($0) : 0 }
  }
}
