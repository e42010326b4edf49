import Foundation

/// BLEU-1 to BLEU-4 (Papineni et al. 2002) as in Hugging Face's `evaluate` 0.4.0: 13a tokens,
/// counts pooled over the captions, no smoothing.
struct BLEUStatistics: CaptionStatistics {
  static let longest = 4

  /// The counts of one caption.
  struct Counts {
    /// N-grams of 1…4 words that also occur in a reference.
    var matches = [Int](repeating: 0, count: longest)
    /// N-grams of 1…4 words.
    var totals = [Int](repeating: 0, count: longest)
    var predictionLength = 0
    var shortestReference = 0
    /// The reference length closest to the prediction's.
    var closestReference = 0

    static func += (sum: inout Counts, other: Counts) {
      for order in 0..<longest {
        sum.matches[order] += other.matches[order]
        sum.totals[order] += other.totals[order]
      }
      sum.predictionLength += other.predictionLength
      sum.shortestReference += other.shortestReference
      sum.closestReference += other.closestReference
    }
  }

  let counts: [Counts]

  var names: [String] { (1...Self.longest).map { "bleu\($0)" } }
  var count: Int { counts.count }

  init(_ pairs: [ScalarPair]) {
    var words = WordNumbers()
    var runs = NGramNumbers()
    counts = pairs.map { pair in
      Self.counts(
        of: CaptionWords.bleu(pair.prediction), pair.references.map(CaptionWords.bleu), &words,
        &runs)
    }
  }

  private init(counts: [Counts]) { self.counts = counts }

  private static func counts(
    of prediction: [Scalars], _ references: [[Scalars]], _ words: inout WordNumbers,
    _ runs: inout NGramNumbers
  ) -> Counts {
    var counts = Counts()
    counts.predictionLength = prediction.count
    counts.shortestReference = references.map(\.count).min() ?? 0
    counts.closestReference =
      references.map(\.count).min {
        (abs($0 - prediction.count), $0) < (abs($1 - prediction.count), $1)
      } ?? 0
    let predicted = runs.counts(of: words.numbers(of: prediction))
    var matched = predicted.map { [Int](repeating: 0, count: $0.count) }
    for reference in references {
      let present = runs.counts(of: words.numbers(of: reference))
      for order in 0..<longest {
        var index = 0
        forEachCommon(predicted[order], present[order]) { number, predictedCount, count in
          while predicted[order][index].number < number { index += 1 }
          matched[order][index] = max(matched[order][index], min(predictedCount, count))
        }
      }
    }
    for order in 0..<longest {
      counts.matches[order] = matched[order].reduce(0, +)
      counts.totals[order] = max(0, prediction.count - order)
    }
    return counts
  }

  func pooled(_ sample: [Int]) -> Counts {
    sample.reduce(into: Counts()) { $0 += counts[$1] }
  }

  func scores(of sample: [Int]) -> [Double] {
    let pooled = pooled(sample)
    guard pooled.predictionLength > 0, pooled.shortestReference > 0 else {
      return [Double](repeating: 0, count: Self.longest)
    }
    let ratio = Double(pooled.predictionLength) / Double(pooled.shortestReference)
    let brevityPenalty = ratio > 1 ? 1 : exp(1 - 1 / ratio)
    var logarithms = 0.0
    return (0..<Self.longest).map { order in
      guard pooled.matches[order] > 0 else {
        logarithms = -.infinity
        return 0
      }
      logarithms += log(Double(pooled.matches[order]) / Double(pooled.totals[order]))
      return brevityPenalty * exp(logarithms / Double(order + 1))
    }
  }

  func joined(with other: BLEUStatistics) -> BLEUStatistics {
    BLEUStatistics(counts: counts + other.counts)
  }
}

/// sacreBLEU, 0–100 (`nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0`): uses the
/// closest reference length, and smooths orders without a match.
struct SacreBLEUStatistics: CaptionStatistics {
  private let bleu: BLEUStatistics

  var names: [String] { ["sacrebleu"] }
  var count: Int { bleu.count }

  init(_ pairs: [ScalarPair]) {
    self.init(
      bleu: BLEUStatistics(
        pairs.map { pair in
          ScalarPair(
            prediction: pair.prediction.trimmedAtEnd,
            references: pair.references.map(\.trimmedAtEnd))
        }))
  }

  private init(bleu: BLEUStatistics) { self.bleu = bleu }

  func scores(of sample: [Int]) -> [Double] {
    let pooled = bleu.pooled(sample)
    guard pooled.matches.contains(where: { $0 > 0 }), !pooled.totals.contains(0) else { return [0] }
    var smoothing = 1.0
    var logarithms = 0.0
    for (matches, total) in zip(pooled.matches, pooled.totals) {
      if matches == 0 {
        smoothing *= 2
        logarithms -= log(smoothing * Double(total))
      } else {
        logarithms += log(Double(matches) / Double(total))
      }
    }
    let (length, reference) = (Double(pooled.predictionLength), Double(pooled.closestReference))
    let brevityPenalty = length >= reference ? 1 : exp(1 - reference / length)
    return [100 * brevityPenalty * exp(logarithms / Double(pooled.matches.count))]
  }

  func joined(with other: SacreBLEUStatistics) -> SacreBLEUStatistics {
    SacreBLEUStatistics(bleu: bleu.joined(with: other.bleu))
  }
}
