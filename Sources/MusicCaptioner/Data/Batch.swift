/// Which batch of which epoch, both from 0: where training stands, and can be taken up.
package struct BatchPosition: Codable, Sendable, Hashable {
  package var epoch: Int
  package var batch: Int

  package init(epoch: Int = 0, batch: Int = 0) {
    self.epoch = epoch
    self.batch = batch
  }

  /// The position so many batches later.
  func advanced(by count: Int, batchesPerEpoch: Int) -> BatchPosition {
    let batches = batch + count
    return BatchPosition(
      epoch: epoch + batches / batchesPerEpoch, batch: batches % batchesPerEpoch)
  }
}

/// Examples that are learnt from together.
package struct Batch: Sendable {
  package let position: BatchPosition
  /// `[batch, frames, mels]`
  package let logMel: Tensor
  /// Each caption's token ids, start and end token included.
  package let tokens: [[Int]]
  /// Each example's tags as places in the tag vocabulary, in ascending order.
  package let tags: [[Int]]
  package let captions: [String]
  /// The positions of the tracks in their set.
  package let tracks: [Int]
  package let trackIDs: [String]
  /// The audio files, for reports; the ids of tracks that have none.
  package let audioFiles: [String]

  package var count: Int { tokens.count }
  /// The tokens of all captions together.
  var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }
}
