/// What the model says about one chunk of audio.
public struct Caption: Sendable, Equatable {
  /// Another caption of the same chunk.
  public struct Alternative: Sendable, Equatable {
    public let text: String
    /// As ``Caption/score``.
    public let score: Float
    /// As ``Caption/tokens``.
    public let tokens: [Int]
  }

  /// The file, as its caller named it; empty for samples without a file.
  public let audio: String
  /// Where the chunk begins in the audio, in seconds.
  public let start: Double
  /// Where it ends, in seconds; what a short chunk is filled up with doesn't count.
  public let end: Double
  /// The caption, with the spaces before punctuation cleaned up as the official code does it.
  public let text: String
  /// How likely the model finds it, as ``Hypothesis/score``: 0 at best.
  public let score: Float
  /// The sequence that was decoded, its start and end tokens included.
  public let tokens: [Int]
  /// The next best captions, best first, where more than one was asked for.
  public let alternatives: [Alternative]
}

/// One thing that happened while files are captioned.
///
/// The events of a file come together and in order, and files in the order in which they were given.
public enum CaptionEvent: Sendable {
  /// A chunk's caption.
  case caption(Caption)
  /// Something odd about a file that can be captioned all the same.
  case warning(audio: String, AudioWarning)
  /// A file can't be captioned (any further). The others go on.
  case failed(audio: String, any Error)
  /// All captions of a file have come.
  case finished(audio: String)
}
