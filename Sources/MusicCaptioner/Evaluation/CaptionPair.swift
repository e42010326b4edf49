/// A predicted caption and what it is compared with.
package struct CaptionPair: Sendable, Hashable {
  /// Of the clip, where the files name it.
  package var id: String?
  package var prediction: String
  /// One or more.
  package var references: [String]

  package init(id: String? = nil, prediction: String, references: [String]) {
    self.id = id
    self.prediction = prediction
    self.references = references
  }
}

/// A pair whose texts are scalars.
struct ScalarPair: Sendable {
  let prediction: Scalars
  let references: [Scalars]

  init(prediction: Scalars, references: [Scalars]) {
    self.prediction = prediction
    self.references = references
  }

  init(_ pair: CaptionPair) {
    self.init(
      prediction: Scalars(pair.prediction), references: pair.references.map { Scalars($0) })
  }
}

/// What a metric keeps of each caption so as to score the whole, or any sample of it.
///
/// The whole corpus, its bootstrap samples, mixtures of two systems and single captions all go the
/// same way: a list of captions in, scores out.
protocol CaptionStatistics: Sendable {
  /// Of the scores, as reports call them.
  var names: [String] { get }

  /// The captions that there are.
  var count: Int { get }

  /// The scores of the captions listed, a caption as often as it stands in the list. 0, never NaN,
  /// where there is nothing to score.
  func scores(of sample: [Int]) -> [Double]

  /// These captions, then those of `other`.
  func joined(with other: Self) -> Self
}

/// A metric whose score is the mean of the captions' scores.
struct MeanStatistics: CaptionStatistics {
  let name: String
  let values: [Double]

  var names: [String] { [name] }
  var count: Int { values.count }

  func scores(of sample: [Int]) -> [Double] {
    guard !sample.isEmpty else { return [0] }
    return [sample.reduce(0) { $0 + values[$1] } / Double(sample.count)]
  }

  func joined(with other: MeanStatistics) -> MeanStatistics {
    MeanStatistics(name: name, values: values + other.values)
  }
}
