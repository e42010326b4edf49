import Foundation

/// CIDEr-D (Vedantam et al. 2015, n = 1…4, σ = 6, ×10) as coco-caption computes it: n-grams have
/// more weight the fewer captions have them in their references.
enum CIDEr {
  /// The score of each caption. A single caption scores 0: none of its n-grams is rarer than the
  /// rest.
  ///
  /// - Parameter captions: The words of each prediction and of its references.
  static func scores(_ captions: [(prediction: [Scalars], references: [[Scalars]])]) -> [Double] {
    var words = WordNumbers()
    var runs = NGramNumbers()
    let texts = captions.map { caption in
      (
        prediction: Text(caption.prediction, &words, &runs),
        references: caption.references.map { Text($0, &words, &runs) }
      )
    }
    let weights = weights(of: texts.map(\.references), runCount: runs.count)
    return texts.map { text in
      guard !text.references.isEmpty else { return 0 }
      let sum = text.references.reduce(0) { sum, reference in
        sum + similarity(text.prediction, reference, weights)
      }
      return 10 * sum / Double(text.references.count)
    }
  }

  private struct Text {
    /// For each length 1…4.
    let runs: [[(number: Int, count: Int)]]
    /// In bigrams, which the official code compares.
    let length: Int

    init(_ text: [Scalars], _ words: inout WordNumbers, _ runs: inout NGramNumbers) {
      self.runs = runs.counts(of: words.numbers(of: text))
      length = max(0, text.count - 1)
    }
  }

  /// ln(captions / captions with the n-gram in their references), for each n-gram.
  private static func weights(of references: [[Text]], runCount: Int) -> [Double] {
    var frequencies = [Int](repeating: 0, count: runCount)
    var lastCaption = [Int](repeating: -1, count: runCount)
    for (caption, texts) in references.enumerated() {
      for (number, _) in texts.lazy.flatMap(\.runs).joined() where lastCaption[number] != caption {
        lastCaption[number] = caption
        frequencies[number] += 1
      }
    }
    let logarithm = log(Double(max(1, references.count)))
    return frequencies.map { logarithm - log(Double(max(1, $0))) }
  }

  private static func similarity(
    _ prediction: Text, _ reference: Text, _ weights: [Double]
  ) -> Double {
    let difference = Double(prediction.length - reference.length)
    let (sigma, orders) = (6.0, prediction.runs.count)
    let penalty = exp(-difference * difference / (2 * sigma * sigma))
    let sum = (0..<orders).reduce(0.0) { sum, order in
      let (predicted, present) = (prediction.runs[order], reference.runs[order])
      var product = 0.0
      forEachCommon(predicted, present) { number, predictedCount, count in
        let weight = weights[number]
        product += Double(min(predictedCount, count)) * weight * Double(count) * weight
      }
      let norms = norm(predicted, weights) * norm(present, weights)
      return sum + (norms > 0 ? product / norms : product)
    }
    return penalty * sum / Double(orders)
  }

  private static func norm(_ runs: [(number: Int, count: Int)], _ weights: [Double]) -> Double {
    runs.reduce(0.0) { sum, run in
      let weight = Double(run.count) * weights[run.number]
      return sum + weight * weight
    }.squareRoot()
  }
}
