/// A batch of an epoch, both counted from 0: the point from which training can resume.
package struct BatchPosition: Codable, Sendable, Hashable {
  package var epoch: Int
  package var batch: Int

  package init(epoch: Int = 0, batch: Int = 0) {
    self.epoch = epoch
    self.batch = batch
  }

  /// The position `count` batches later.
  func advanced(by count: Int, batchesPerEpoch: Int) -> BatchPosition {
    let batches = batch + count
    return BatchPosition(
      epoch: epoch + batches / batchesPerEpoch, batch: batches % batchesPerEpoch)
  }
}

/// Clips with their captions, trained on together.
public struct Batch: Sendable {
  package let position: BatchPosition
  /// `[batch, frames, mels]`
  public let logMel: Tensor
  /// Each caption's token ids, including the start and end tokens.
  public let tokens: [[Int]]
  /// Each example's tags as indices into the tag vocabulary, in ascending order.
  package let tags: [[Int]]
  public let captions: [String]
  /// The positions of the tracks in their set.
  package let tracks: [Int]
  package let trackIDs: [String]
  /// The audio files, for reports; the ids of tracks without a file.
  package let audioFiles: [String]

  /// The number of clips.
  public var count: Int { tokens.count }
  /// The number of tokens of all captions.
  var tokenCount: Int { tokens.reduce(0) { $0 + $1.count } }
}

extension Batch {
  /// Makes your own batch.
  ///
  /// - Parameters:
  ///   - logMel: `[batch, frames, mels]`, as computed by ``ModelBundle/logMel(of:)``.
  ///   - captions: Each clip's caption as token ids, as from
  ///     ``Tokenizer/encode(_:maximumLength:)``.
  /// - Precondition: One caption with at least one token for each clip.
  public init(logMel: Tensor, captions: [[Int]]) {
    precondition(
      logMel.shape.count == 3 && logMel.shape[0] == captions.count,
      "\(captions.count) captions for log-mels of shape \(logMel.shape)")
    precondition(captions.allSatisfy { !$0.isEmpty }, "a caption has no tokens")
    let names = captions.indices.map(String.init)
    self.init(
      position: BatchPosition(), logMel: logMel, tokens: captions, tags: captions.map { _ in [] },
      captions: names, tracks: Array(captions.indices), trackIDs: names, audioFiles: names)
  }
}
