/// What the model says about one chunk of audio.
package struct Caption: Sendable, Equatable {
  /// Another caption of the same chunk.
  package struct Alternative: Sendable, Equatable {
    package let text: String
    /// As ``Caption/score``.
    package let score: Float
    /// As ``Caption/tokens``.
    package let tokens: [Int]
  }

  /// The file, as its caller named it; empty for samples without a file.
  package let audio: String
  /// Where the chunk begins in the audio, in seconds.
  package let start: Double
  /// Where it ends, in seconds; what a short chunk is filled up with doesn't count.
  package let end: Double
  /// The caption, with the spaces before punctuation cleaned up as the official code does it.
  package let text: String
  /// How likely the model finds it, as ``Hypothesis/score``: 0 at best.
  package let score: Float
  /// The sequence that was decoded, its start and end tokens included.
  package let tokens: [Int]
  /// The next best captions, best first, where more than one was asked for.
  package let alternatives: [Alternative]
}

/// One thing that happened while files are captioned.
///
/// The events of a file come together and in order, and files in the order in which they were given.
package enum CaptionEvent: Sendable {
  /// A chunk's caption.
  case caption(Caption)
  /// Something odd about a file that can be captioned all the same.
  case warning(audio: String, AudioWarning)
  /// A file can't be captioned (any further). The others go on.
  case failed(audio: String, any Error)
  /// All captions of a file have come.
  case finished(audio: String)
}
