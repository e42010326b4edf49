/// The model's caption for one chunk of audio.
public struct Caption: Codable, Sendable, Equatable {
  /// Another caption of the same chunk.
  public struct Alternative: Codable, Sendable, Equatable {
    public let text: String
    /// Like ``Caption/score``.
    public let score: Float
    /// Like ``Caption/tokens``.
    public let tokens: [Int]

    private enum CodingKeys: String, CodingKey {
      case text = "caption"
      case score, tokens
    }
  }

  /// The file, as named by the caller; empty for samples without a file.
  public let audio: String
  /// Where the chunk begins in the audio, in seconds.
  public let start: Double
  /// Where it ends, in seconds, without padding.
  public let end: Double
  /// The caption, with spaces before punctuation removed as in the official code.
  public let text: String
  /// How likely the model considers it, as ``Hypothesis/score``: 0 is the highest possible.
  public let score: Float
  /// The decoded sequence, including its start and end tokens.
  public let tokens: [Int]
  /// The next best captions, best first, if more than one was requested.
  public let alternatives: [Alternative]
}

/// A caption as the JSON object that `caption --format jsonl` writes for a chunk.
extension Caption {
  private enum CodingKeys: String, CodingKey {
    case audio, start, end
    case text = "caption"
    case score, tokens, alternatives
  }

  public init(from decoder: any Swift.Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    audio = try fields.decode(String.self, forKey: .audio)
    start = try fields.decode(Double.self, forKey: .start)
    end = try fields.decode(Double.self, forKey: .end)
    text = try fields.decode(String.self, forKey: .text)
    score = try fields.decode(Float.self, forKey: .score)
    tokens = try fields.decode([Int].self, forKey: .tokens)
    alternatives = try fields.decodeIfPresent([Alternative].self, forKey: .alternatives) ?? []
  }

  public func encode(to encoder: any Swift.Encoder) throws {
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

/// An event during the captioning of files.
///
/// The events of a file come together and in order, and the files come in the order given.
public enum CaptionEvent: Sendable {
  /// A chunk's caption.
  case caption(Caption)
  /// Something unusual about a file that can still be captioned.
  case warning(audio: String, AudioWarning)
  /// A file can't be captioned (any further). The other files continue.
  case failed(audio: String, any Error)
  /// All captions of a file have been delivered.
  case finished(audio: String)
}
