/// The tracks of an epoch, and their order. It depends only on the seed and the epoch, so training
/// can resume anywhere without replaying what came before.
package struct EpochSampler: Sendable {
  private let tracks: TrackSet
  private let seed: UInt64
  /// The number of draws from each source in an epoch; they add up to ``drawsPerEpoch``.
  private let shares: [Int]
  /// For balanced sources, the tracks of each tag.
  private let tracksOfTags: [[[UInt32]]?]

  package var drawsPerEpoch: Int { shares.reduce(0, +) }

  /// - Parameter drawsPerEpoch: The number of tracks if nil. It is divided among the sources in
  ///   proportion to their sizes.
  package init(_ tracks: TrackSet, seed: UInt64, drawsPerEpoch: Int? = nil) {
    self.tracks = tracks
    self.seed = seed
    let total = drawsPerEpoch ?? tracks.count
    // The boundaries are rounded, not the shares, so that the shares add up.
    func boundary(_ tracksBefore: Int) -> Int {
      let exact = Double(total) * Double(tracksBefore) / Double(max(1, tracks.count))
      return Int(exact.rounded())
    }
    shares = tracks.sources.map { boundary($0.range.upperBound) - boundary($0.range.lowerBound) }
    tracksOfTags = tracks.sources.map { source in
      guard source.sampling == .balanced else { return nil }
      var lists = [[UInt32]](repeating: [], count: tracks.table.tagNames.count)
      for index in source.range {
        for tag in Set(tracks.table.tags(index)) {
          lists[Int(tag)].append(UInt32(truncatingIfNeeded: index))
        }
      }
      return lists.filter { !$0.isEmpty }
    }
  }

  /// The positions of an epoch's tracks in the set, in order.
  package func draws(epoch: Int) -> [Int] {
    var draws: [Int] = []
    draws.reserveCapacity(drawsPerEpoch)
    for (number, source) in tracks.sources.enumerated() {
      if let lists = tracksOfTags[number] {
        appendBalanced(lists, source: number, epoch: epoch, to: &draws)
      } else {
        appendUniform(source.range, source: number, epoch: epoch, to: &draws)
      }
    }
    if tracks.sources.count > 1 {
      var random = RandomSource(
        seed: seed, stream: "data.order", index: UInt64(clamping: epoch))
      draws.shuffle(using: &random)
    }
    return draws
  }

  /// A tag uniformly, then a track with that tag (arXiv 2307.16372; lpmc datasets/msd.py).
  private func appendBalanced(
    _ lists: [[UInt32]], source: Int, epoch: Int, to draws: inout [Int]
  ) {
    guard !lists.isEmpty else { return }
    for draw in 0..<shares[source] {
      var random = RandomSource(
        seed: seed, stream: "data.balanced.\(source)", index: exampleIndex(epoch, draw))
      let list = lists[random.integer(below: lists.count)]
      draws.append(Int(list[random.integer(below: list.count)]))
    }
  }

  /// Goes through the source's tracks in one random order after another; an epoch takes the next
  /// ones.
  private func appendUniform(
    _ range: Range<Int>, source: Int, epoch: Int, to draws: inout [Int]
  ) {
    guard !range.isEmpty else { return }
    let share = shares[source]
    let (first, overflow) = epoch.multipliedReportingOverflow(by: share)
    precondition(!overflow && epoch >= 0, "epoch \(epoch) of \(share) draws")
    var round = -1
    var order: [Int] = []
    for draw in first..<first + share {
      if draw / range.count != round {
        round = draw / range.count
        order = Array(range)
        var random = RandomSource(
          seed: seed, stream: "data.permutation.\(source)", index: UInt64(clamping: round))
        order.shuffle(using: &random)
      }
      draws.append(order[draw % range.count])
    }
  }
}

/// The number of an example over all epochs, for random sources.
func exampleIndex(_ epoch: Int, _ draw: Int) -> UInt64 {
  UInt64(truncatingIfNeeded: epoch) << 32 | UInt64(UInt32(truncatingIfNeeded: draw))
}
