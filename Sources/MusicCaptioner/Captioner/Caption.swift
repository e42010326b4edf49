/// What the model says about one chunk of audio.
package struct Caption: Codable, Sendable, Equatable {
  /// Another caption of the same chunk.
  package struct Alternative: Codable, Sendable, Equatable {
    package let text: String
    /// As ``Caption/score``.
    package let score: Float
    /// As ``Caption/tokens``.
    package let tokens: [Int]

    private enum CodingKeys: String, CodingKey {
      case text = "caption"
      case score, tokens
    }
  }

  /// The file, as its caller named it; empty for samples without a file.
  package let audio: String
  /// Where the chunk begins in the audio, in seconds.
  package let start: Double
  /// Where it ends, in seconds; padding isn't counted.
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

/// The object that `caption --format jsonl` writes for a chunk.
extension Caption {
  private enum CodingKeys: String, CodingKey {
    case audio, start, end
    case text = "caption"
    case score, tokens, alternatives
  }

  package init(from decoder: any Swift.Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    audio = try fields.decode(String.self, forKey: .audio)
    start = try fields.decode(Double.self, forKey: .start)
    end = try fields.decode(Double.self, forKey: .end)
    text = try fields.decode(String.self, forKey: .text)
    score = try fields.decode(Float.self, forKey: .score)
    tokens = try fields.decode([Int].self, forKey: .tokens)
    alternatives = try fields.decodeIfPresent([Alternative].self, forKey: .alternatives) ?? []
  }

  package func encode(to encoder: any Swift.Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(audio, forKey: .audio)
    try fields.encode(start, forKey: .start)
    try fields.encode(end, forKey: .end)
    try fields.encode(text, forKey: .text)
    try fields.encode(score, forKey: .score)
    try fields.encode(tokens, forKey: .tokens)
    if !alternatives.isEmpty { try fields.encode(alternatives, forKey: .alternatives) }
  }
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
