/// The number of different words in the predictions, and how many of them are not in the training
/// captions.
///
/// The official code iterates over predictions and training captions in parallel and stops at the
/// end of the shorter list, so it counts only that many of each (2,656 of MusicCaps' 2,839 test
/// captions).
struct VocabularyStatistics: CaptionStatistics {
  /// The different words of each prediction.
  private let captions: [[Int]]
  /// The number of predictions that count.
  private let limit: Int
  /// For each word, whether no counted training caption has it. Nil without training captions.
  private let isNew: [Bool]?
  private let wordCount: Int

  var names: [String] { isNew == nil ? ["vocab_size"] : ["vocab_size", "vocab_diversity"] }
  var count: Int { captions.count }

  /// - Parameter words: The words of all systems that will be joined.
  init(_ predictions: [Scalars], training: [Scalars]?, words: inout WordNumbers) {
    limit = min(predictions.count, training?.count ?? .max)
    captions = predictions.map { prediction in
      Array(Set(words.numbers(of: CaptionWords.vocabulary(prediction))))
    }
    if let training {
      var known: Set<Int> = []
      for caption in training.prefix(limit) {
        known.formUnion(words.numbers(of: CaptionWords.vocabulary(caption)))
      }
      isNew = (0..<words.count).map { !known.contains($0) }
    } else {
      isNew = nil
    }
    wordCount = words.count
  }

  private init(captions: [[Int]], limit: Int, isNew: [Bool]?, wordCount: Int) {
    self.captions = captions
    self.limit = limit
    self.isNew = isNew
    self.wordCount = wordCount
  }

  func scores(of sample: [Int]) -> [Double] {
    var seen = [Bool](repeating: false, count: wordCount)
    var (size, new) = (0, 0)
    for caption in sample.prefix(limit) {
      for word in captions[caption] where !seen[word] {
        seen[word] = true
        size += 1
        if let isNew, isNew[word] { new += 1 }
      }
    }
    guard isNew != nil else { return [Double(size)] }
    return [Double(size), size == 0 ? 0 : Double(new) / Double(size)]
  }

  /// - Precondition: Both have the same training captions and the same numbers for words.
  func joined(with other: VocabularyStatistics) -> VocabularyStatistics {
    let wordCount = max(wordCount, other.wordCount)
    // Words that only the later system uses were unknown when the first one was processed; they are
    // just as new to both.
    let isNew = [isNew, other.isNew].compactMap(\.self).max { $0.count < $1.count }
    return VocabularyStatistics(
      captions: captions + other.captions, limit: limit, isNew: isNew, wordCount: wordCount)
  }
}

/// The share of different predictions that are not training captions.
struct NoveltyStatistics: CaptionStatistics {
  /// Equal predictions have equal numbers.
  private let captions: [Int]
  private let isNew: [Bool]

  var names: [String] { ["caption_novelty"] }
  var count: Int { captions.count }

  /// - Parameter captions: The numbers for all systems that will be joined.
  init(_ predictions: [Scalars], training: [Scalars], captions numbers: inout WordNumbers) {
    captions = numbers.numbers(of: predictions)
    let known = Set(training)
    isNew = numbers.words.map { !known.contains($0) }
  }

  private init(captions: [Int], isNew: [Bool]) {
    self.captions = captions
    self.isNew = isNew
  }

  func scores(of sample: [Int]) -> [Double] {
    var seen = [Bool](repeating: false, count: isNew.count)
    var (all, new) = (0, 0)
    for caption in sample where !seen[captions[caption]] {
      seen[captions[caption]] = true
      all += 1
      if isNew[captions[caption]] { new += 1 }
    }
    return [all == 0 ? 0 : Double(new) / Double(all)]
  }

  func joined(with other: NoveltyStatistics) -> NoveltyStatistics {
    NoveltyStatistics(
      captions: captions + other.captions,
      isNew: isNew.count > other.isNew.count ? isNew : other.isNew)
  }
}

/// Mean and population standard deviation of the number of words.
struct LengthStatistics: CaptionStatistics {
  let lengths: [Double]

  var names: [String] { ["length_avg", "length_std"] }
  var count: Int { lengths.count }

  init(_ predictions: [Scalars]) {
    lengths = predictions.map { Double($0.words.count) }
  }

  private init(lengths: [Double]) { self.lengths = lengths }

  func scores(of sample: [Int]) -> [Double] {
    guard !sample.isEmpty else { return [0, 0] }
    let mean = sample.reduce(0) { $0 + lengths[$1] } / Double(sample.count)
    let variance = sample.reduce(0) { sum, caption in
      sum + (lengths[caption] - mean) * (lengths[caption] - mean)
    }
    return [mean, (variance / Double(sample.count)).squareRoot()]
  }

  func joined(with other: LengthStatistics) -> LengthStatistics {
    LengthStatistics(lengths: lengths + other.lengths)
  }
}
