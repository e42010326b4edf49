/// The model's caption for one chunk of audio.
package struct Caption: Sendable, Equatable {
  /// Another caption of the same chunk.
  package struct Alternative: Sendable, Equatable {
    package let text: String
    /// Like ``Caption/score``.
    package let score: Float
    /// Like ``Caption/tokens``.
    package let tokens: [Int]
  }

  /// The file, as named by the caller; empty for samples without a file.
  package let audio: String
  /// Where the chunk begins in the audio, in seconds.
  package let start: Double
  /// Where it ends, in seconds, without padding.
  package let end: Double
  /// The caption, with spaces before punctuation removed as in the official code.
  package let text: String
  /// How likely the model considers it, as ``Hypothesis/score``: 0 is the highest possible.
  package let score: Float
  /// The decoded sequence, including its start and end tokens.
  package let tokens: [Int]
  /// The next best captions, best first, if more than one was requested.
  package let alternatives: [Alternative]
}

/// An event during the captioning of files.
///
/// The events of a file come together and in order, and the files come in the order given.
package enum CaptionEvent: Sendable {
  /// A chunk's caption.
  case caption(Caption)
  /// Something unusual about a file that can still be captioned.
  case warning(audio: String, AudioWarning)
  /// A file can't be captioned (any further). The other files continue.
  case failed(audio: String, any Error)
  /// All captions of a file have been delivered.
  case finished(audio: String)
}
