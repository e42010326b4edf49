/// The combined answers of several raters on one page.
package struct RatingSummary: Sendable {
  /// The number of answers of each kind.
  package struct Counts: Sendable, Equatable {
    package var a = 0
    package var b = 0
    package var ties = 0

    package var total: Int { a + b + ties }
    package var decided: Int { a + b }
    /// The share of A among the answers that are not ties; nil if all are.
    package var preference: Double? { decided == 0 ? nil : Double(a) / Double(decided) }

    mutating func add(_ preference: Ratings.Preference) {
      switch preference {
      case .a: a += 1
      case .b: b += 1
      case .tie: ties += 1
      }
    }
  }

  package let page: String
  package let key: RatingKey
  package let raters: [(name: String, counts: Counts, unheardCount: Int)]
  /// The answers for each clip that has any, in the page's order.
  package let clips: [Counts]
  package let counts: Counts
  /// The answers that are not ties, and how many of them chose the first caption.
  package let first: (chosen: Int, of: Int)

  /// - Precondition: All are for one page, as `Ratings.read` ensures.
  package init(_ ratings: [Ratings]) {
    precondition(!ratings.isEmpty, "no ratings")
    page = ratings[0].page
    key = ratings[0].key
    var clips: [Int: Counts] = [:]
    var counts = Counts()
    raters = ratings.map { rater in
      var own = Counts()
      for rating in rater.ratings {
        own.add(rating.preference)
        counts.add(rating.preference)
        clips[rating.item, default: Counts()].add(rating.preference)
      }
      return (rater.rater, own, rater.ratings.count(where: \.isUnheard))
    }
    self.counts = counts
    self.clips = clips.sorted { $0.key < $1.key }.map(\.value)
    let choices = ratings.flatMap(\.ratings).compactMap(\.choseFirst)
    first = (choices.count { $0 }, choices.count)
  }

  /// The interval of the preference. Raters of one clip hear the same captions, so whole clips are
  /// drawn.
  package func preferenceInterval(_ options: ResamplingOptions = .init()) -> ScoreInterval? {
    guard counts.preference != nil else { return nil }
    var samples: [Double] = []
    options.forEachSample(of: clips.count) { sample in
      var drawn = Counts()
      for clip in sample {
        drawn.a += clips[clip].a
        drawn.b += clips[clip].b
      }
      if let preference = drawn.preference { samples.append(preference) }
    }
    return samples.isEmpty ? nil : ScoreInterval(of: samples)
  }

  /// The number of clips for which more answers prefer A, and B: one vote per clip, because the
  /// sign test needs independent votes.
  package var clipVotes: (a: Int, b: Int) {
    (clips.count { $0.a > $0.b }, clips.count { $0.b > $0.a })
  }

  /// Agreement on A, B and tie, over clips with several raters.
  package var agreement: KrippendorffAlpha {
    KrippendorffAlpha(clips.map { [$0.a, $0.b, $0.ties] })
  }
}
