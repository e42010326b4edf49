/// Captions clips of the validation set as the finished model would, and scores the captions.
struct ValidationCaptions: Sendable {
  private let bundle: ModelBundle
  private let task: DecodingTask
  private let evaluator: CaptionEvaluator
  /// The most clips, spread evenly over the batches.
  private let limit: Int?

  /// Clips decoded together: five beams for all clips of a training batch would take too much
  /// memory.
  private static let decodedTogether = 16

  /// - Parameter onWarning: Called if Debian's WordNet is missing, in which case METEOR is left
  ///   out.
  /// - Returns: Nil if no metrics are requested.
  /// - Throws: `EvaluationError` if WordNet's files are damaged, or missing while METEOR is the
  ///   criterion.
  init?(
    _ bundle: ModelBundle, _ training: TrainingOptions, generation: DecodingOptions,
    onWarning: (String) -> Void
  ) throws {
    guard !training.validationMetrics.isEmpty else { return nil }
    self.bundle = bundle
    do throws(OptionError) {
      task = try DecodingTask(bundle.model, generation)
    } catch {
      throw error.within("generation")
    }
    var metrics = Set(training.validationMetrics)
    var wordNet: WordNet?
    do throws(EvaluationError) {
      if metrics.contains(.meteor) { wordNet = try WordNet.standard() }
    } catch {
      let decides = CaptionMetric.meteor.scoreNames.contains(training.bestBy.rawValue)
      guard error.reason == .noWordNet, !decides else { throw error }
      metrics.remove(.meteor)
      onWarning("validation_metrics: meteor is left out: \(error)")
    }
    evaluator = CaptionEvaluator(metrics: metrics, wordNet: wordNet)
    limit = training.validationCaptionLimit
  }

  /// Captions the clips of a batch, up to its share of the limit.
  ///
  /// - Parameter memory: The batch's clips, encoded.
  func pairs(
    of batch: Batch, _ memory: CaptionModel.Memory, from source: BatchSource
  ) -> [CaptionPair] {
    let count = share(ofBatch: batch.position.batch, of: source.batchesPerEpoch, batch.count)
    var texts: [String] = []
    for start in stride(from: 0, to: count, by: Self.decodedTogether) {
      let end = min(count, start + Self.decodedTogether)
      let results = task.run(
        memory.clips(start..<end), clipNumbers: batch.tracks[start..<end].map(UInt64.init))
      texts += results.map(bundle.text)
    }
    return zip(batch.tracks, texts).map { track, text in
      CaptionPair(
        id: source.tracks[track].id, prediction: text, references: source.tracks.references(track))
    }
  }

  private func share(ofBatch batch: Int, of batchCount: Int, _ clipCount: Int) -> Int {
    guard let limit else { return clipCount }
    return min(clipCount, (batch + 1) * limit / batchCount - batch * limit / batchCount)
  }

  func scores(of pairs: [CaptionPair]) -> [CaptionScore] {
    evaluator.evaluate(pairs).scores.filter(\.value.isFinite)
  }
}
