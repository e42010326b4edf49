/// Which batch of which epoch, both from 0: where training stands, and can be taken up.
public struct BatchPosition: Codable, Sendable, Hashable {
  public var epoch: Int
  public var batch: Int

  public init(epoch: Int = 0, batch: Int = 0) {
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
public struct Batch: Sendable {
  public let position: BatchPosition
  /// `[batch, frames, mels]`
  public let logMel: Tensor
  /// Each caption's token ids, start and end token included.
  public let tokens: [[Int]]
  /// Each example's tags as places in the tag vocabulary, in ascending order.
  public let tags: [[Int]]
  public let captions: [String]
  /// The positions of the tracks in their set.
  public let tracks: [Int]
  public let trackIDs: [String]
  /// The audio files, for reports; the ids of tracks that have none.
  public let audioFiles: [String]

  public var count: Int { tokens.count }
  /// The tokens of all captions together.
  var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }
}
