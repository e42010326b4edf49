/// Measures facts about a file while its chunks are read.
final class FactsMeter {
  private let analyzer: MusicFactsAnalyzer
  private let resampler: Resampler
  private var failure: AudioError?

  /// - Parameters:
  ///   - reader: Nothing of it has been read yet.
  ///   - chunkRate: Of its chunks, in hertz.
  init(_ reader: AudioChunkReader, chunkRate: Int) throws(AudioError) {
    analyzer = try MusicFactsAnalyzer(
      sampleRate: reader.sampleRate, channelCount: reader.channelCount)
    resampler = try Resampler(from: chunkRate, to: MusicFactsAnalyzer.monoRate)
    reader.listener = AudioChunkReader.Listener(
      interleaved: { [analyzer] in analyzer.append(interleaved: $0) },
      mono: { [weak self] in self?.append(mono: $0) })
  }

  private func append(mono samples: ArraySlice<Float>) {
    do throws(AudioError) {
      var output: [Float] = []
      try samples.withUnsafeBufferPointer { (samples) throws(AudioError) in
        try resampler.append(samples, to: &output)
      }
      analyzer.append(mono: output[...])
    } catch {
      failure = error
    }
  }

  /// What was measured. Call once, after the last chunk.
  func finish() throws(AudioError) -> MusicFacts {
    if let failure { throw failure }
    var rest: [Float] = []
    try resampler.finish(&rest)
    analyzer.append(mono: rest[...])
    return analyzer.finish()
  }
}
