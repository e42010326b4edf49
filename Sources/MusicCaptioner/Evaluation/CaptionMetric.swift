/// A metric, or a group of metrics computed together.
public enum CaptionMetric: String, Codable, Sendable, CaseIterable {
  /// `bleu1` … `bleu4`
  case bleu
  /// `meteor_1.0`
  case meteor
  /// `rougeL`
  case rouge
  /// `bertscore`; needs a model.
  case bertscore
  /// `vocab_size`, `vocab_diversity`, `caption_novelty`, `length_avg`, `length_std`
  case diversity
  /// `cider`
  case cider
  /// `cider_ptb`: the same with the words of coco-caption's Java tokenizer.
  case ciderPTB = "cider_ptb"
  /// `sacrebleu`
  case sacrebleu

  /// Metrics that need no model and that the paper or its successors report. METEOR looks up synonyms in
  /// WordNet.
  public static let standard: Set<CaptionMetric> = [.bleu, .meteor, .rouge, .diversity, .cider]

  /// The metrics named on a command line.
  ///
  /// - Parameter words: Names separated by commas.
  /// - Throws: `OptionError` for an unknown name, or if there is none.
  package static func named(_ words: String) throws(OptionError) -> Set<CaptionMetric> {
    var metrics: Set<CaptionMetric> = []
    for word in words.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let name = Substring(word).trimmingASCIIWhitespace()
      guard let metric = CaptionMetric(rawValue: name) else {
        let nearest = nearestName(to: name, among: allCases.map(\.rawValue))
        throw OptionError(
          "metrics", found: name.isEmpty ? "nothing" : "\"\(excerpt(name))\"",
          expected: "some of " + allCases.map(\.rawValue).joined(separator: ", ")
            + ", separated by commas" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
      }
      metrics.insert(metric)
    }
    return metrics
  }

  /// The names of its scores.
  var scoreNames: [String] {
    switch self {
    case .bleu: ["bleu1", "bleu2", "bleu3", "bleu4"]
    case .meteor: ["meteor_1.0"]
    case .rouge: ["rougeL"]
    case .bertscore: ["bertscore"]
    case .diversity:
      ["vocab_size", "vocab_diversity", "caption_novelty", "length_avg", "length_std"]
    case .cider: ["cider"]
    case .ciderPTB: ["cider_ptb"]
    case .sacrebleu: ["sacrebleu"]
    }
  }

  /// All scores in the order of the official results, followed by our additions.
  static let scoreNames = allCases.flatMap(\.scoreNames)
}
