/// What there is to say about a whole file.
public struct SongDescription: Sendable, Equatable {
  /// A word or a few that the model was trained to recognize.
  public struct Tag: Codable, Sendable, Equatable {
    public let tag: String
    /// The model's probability, from ``leastTagScore`` to 1: the mean over the song's chunks.
    public let score: Float
  }

  /// Less likely tags are left out.
  public static let leastTagScore: Float = 0.5

  /// The file, as named by the caller; empty for samples without a file.
  public let audio: String
  /// In seconds.
  public let duration: Double
  /// The chunks' caption that is closest to all the others by the words and pairs of words that they share.
  public let caption: String
  /// The most likely first; empty for a model that scores no tags.
  public let tags: [Tag]
  /// What was measured.
  public let facts: MusicFacts
  /// The captions of all chunks, in order.
  public let chunks: [Caption]
}

/// As the JSON object that `caption --song --format jsonl` writes for a file.
extension SongDescription: Codable {
  private enum CodingKeys: String, CodingKey {
    case audio, duration, caption, tags, facts, chunks
  }
}

/// An event during the description of files. The files come in the order given, each file's events together.
public enum SongEvent: Sendable {
  /// A song is captioned up to this place, in seconds.
  case progress(audio: String, seconds: Double)
  case song(SongDescription)
  /// Something unusual about a file that can still be described.
  case warning(audio: String, AudioWarning)
  /// All captions that were found speak against what was measured: the song's says this word, while this is the case.
  case contradiction(audio: String, word: String, fact: String)
  /// A file can't be described. The other files continue.
  case failed(audio: String, any Error)
}
