/// A predicted caption and its references.
public struct CaptionPair: Sendable, Hashable {
  /// The clip's id, if the files have ids.
  public var id: String?
  public var prediction: String
  /// One or more.
  public var references: [String]

  public init(id: String? = nil, prediction: String, references: [String]) {
    self.id = id
    self.prediction = prediction
    self.references = references
  }
}

/// A pair with its texts as scalars.
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

/// What a metric keeps of each caption to score the whole corpus or any sample of it.
///
/// The whole corpus, its bootstrap samples, mixtures of two systems and single captions all work
/// the same way: a list of captions in, scores out.
protocol CaptionStatistics: Sendable {
  /// The names of the scores in reports.
  var names: [String] { get }

  /// The number of captions.
  var count: Int { get }

  /// The scores of the captions listed, each counted as often as it is listed. 0, never NaN, if
  /// there is nothing to score.
  func scores(of sample: [Int]) -> [Double]

  /// These captions, followed by those of `other`.
  func joined(with other: Self) -> Self
}

/// A metric that is the mean of the captions' scores.
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
