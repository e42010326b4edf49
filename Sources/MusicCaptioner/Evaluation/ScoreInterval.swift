/// The 95 % interval of a score, from a bootstrap over captions (Efron 1979; for text metrics Koehn
/// 2004).
public struct ScoreInterval: Sendable, Equatable {
  public let lower: Double
  public let upper: Double

  init(lower: Double, upper: Double) {
    (self.lower, self.upper) = (lower, upper)
  }

  /// The middle 95 % of `samples`.
  ///
  /// - Parameter center: A score that is biased by drawing with repetition, such as the number of
  ///   different words, which loses the words of captions not drawn. The samples' deviations from
  ///   their own mean are then applied around this score.
  init(of samples: [Double], center: Double? = nil) {
    let sorted = samples.sorted()
    let mean = sorted.reduce(0, +) / Double(max(1, sorted.count))
    let shift = center.map { $0 - mean } ?? 0
    lower = Self.quantile(0.025, of: sorted) + shift
    upper = Self.quantile(0.975, of: sorted) + shift
  }

  private static func quantile(_ probability: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return 0 }
    let position = probability * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}

/// How intervals and p-values are estimated.
package struct ResamplingOptions: Options {
  /// The number of bootstrap samples, and of permutations.
  package var sampleCount = 1000
  /// The same seed gives the same results.
  package var seed: UInt64 = 0

  package init() {}

  package init(sampleCount: Int, seed: UInt64 = 0) {
    self.sampleCount = sampleCount
    self.seed = seed
  }

  package var problems: [OptionError] {
    var checks = OptionChecks<CodingKeys>()
    checks.check(
      (1...1_000_000).contains(sampleCount), .sampleCount, sampleCount, "a number from 1 to 1000000"
    )
    return checks.problems
  }

  /// Calls `body` with lists of `count` captions, drawn with repetition.
  func forEachSample(of count: Int, _ body: ([Int]) -> Void) {
    guard count > 0 else { return }
    var captions = [Int](repeating: 0, count: count)
    for index in 0..<max(0, sampleCount) {
      var random = RandomSource(seed: seed, stream: "bootstrap", index: UInt64(index))
      for position in captions.indices { captions[position] = random.integer(below: count) }
      body(captions)
    }
  }

  /// Calls `body` with a choice of captions to exchange between two systems.
  func forEachExchange(of count: Int, _ body: ([Bool]) -> Void) {
    var exchanged = [Bool](repeating: false, count: count)
    for index in 0..<max(0, sampleCount) {
      var random = RandomSource(seed: seed, stream: "permutation", index: UInt64(index))
      for position in exchanged.indices { exchanged[position] = random.next() & 1 == 1 }
      body(exchanged)
    }
  }
}

extension CaptionEvaluation {
  /// 95 % intervals of the scores by name, from samples of the captions drawn with repetition.
  public func intervals(sampleCount: Int, seed: UInt64 = 0) -> [String: ScoreInterval] {
    intervals(ResamplingOptions(sampleCount: sampleCount, seed: seed))
  }

  /// The scores' intervals, by name.
  package func intervals(_ options: ResamplingOptions = .init()) -> [String: ScoreInterval] {
    var samples: [String: [Double]] = [:]
    options.forEachSample(of: count) { sample in
      for score in Self.scores(of: statistics, sample) {
        samples[score.name, default: []].append(score.value)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: scores.map { score in
        let values = samples[score.name] ?? [score.value]
        return (
          score.name, ScoreInterval(of: values, center: score.isBiased ? score.value : nil)
        )
      })
  }
}

extension CaptionScore {
  /// Whether samples drawn with repetition have lower values than the whole.
  var isBiased: Bool { name == "vocab_size" || name == "vocab_diversity" }
}
